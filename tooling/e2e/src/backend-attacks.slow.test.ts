import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type RunningWeb, startWeb } from 'demo/web'
import { type Browser, type BrowserContext, browserIsMissing, launchBrowser, type Page } from 'shared/browser'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

/* Attacks on the back end of the demo, from pages of other sites and by users with another account. */

describe.skipIf(browserIsMissing)(`the back end of the demo ${browserIsMissing || ''}`, () => {
  let browser: Browser
  let web: RunningWeb
  let server: Server
  let port: number
  /** The requests that the attacker's server received. */
  let received: string[]
  let context: BrowserContext
  let page: Page

  beforeAll(async () => {
    server = createServer((request, response) => {
      received.push(request.url ?? '')
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>attacker</title>')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
    ;[browser, web] = await Promise.all([launchBrowser(), startWeb({ port: 0 })])
  })

  beforeEach(async () => {
    received = []
    context = await browser.newContext()
    page = await context.newPage()
  })

  afterEach(() => context.close())

  afterAll(async () => {
    await browser?.close()
    await web?.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  const route = (path: string) => new URL(path, web.url).href
  const button = (on: Page, name: string | RegExp) => on.getByRole('button', { name })

  async function signIn(on: Page, user = /Ann Lee/): Promise<void> {
    await on.goto(route('/pds/sign-in'))
    await button(on, user).click()
    await button(on, 'Allow').click()
    await on.waitForURL((url) => url.href === web.url)
  }

  /** Asks the token route as a script of the page does. */
  function tokenOf(on: Page): Promise<{ status: number; user_id?: string; access_token?: string }> {
    return on.evaluate(async () => {
      const response = await fetch('/pds/token', { method: 'POST' })
      return { ...(await response.json()), status: response.status }
    })
  }

  /** Returns the cookies of the back end: the emulator has its own. */
  const cookies = async (of = context) => {
    const all = (await of.cookies()) as { name: string; value: string; httpOnly: boolean; sameSite: string }[]
    return all.filter(({ name }) => !name.startsWith('pds_emulator'))
  }

  /** Starts a sign-in without a browser, and accepts it as a user. Returns the callback. */
  async function callbackOf(user_id: string): Promise<string> {
    const started = await fetch(route('/pds/sign-in'), { redirect: 'manual' })
    const url = new URL(started.headers.get('location') ?? '')
    url.searchParams.set('user_id', user_id)
    const accepted = await fetch(url, { redirect: 'manual' })
    return accepted.headers.get('location') ?? ''
  }

  // Another port is another origin, but the same site: the browser sends the cookies.
  describe.each([
    ['of another site', 'localhost'],
    ['of the same site', '127.0.0.1'],
  ])('a page %s', (_title, host) => {
    const attacker = () => `http://${host}:${port}/`

    it('cannot read a token or sign the user out by fetch (CSRF)', async () => {
      await signIn(page)
      const before = await tokenOf(page)
      const other = await context.newPage()
      await other.goto(attacker())
      const results = await other.evaluate(async (base) => {
        const attempt = (path: string, init: RequestInit) =>
          fetch(`${base}pds/${path}`, { method: 'POST', credentials: 'include', ...init }).then(
            ({ type }) => type,
            () => 'blocked',
          )
        const json = { headers: { 'content-type': 'application/json' }, body: '{}' }
        return [
          await attempt('token', {}),
          await attempt('token', json),
          await attempt('sign-out', json),
          await attempt('token', { mode: 'no-cors' }),
          await attempt('sign-out', { mode: 'no-cors' }),
          await attempt('sign-out', { mode: 'no-cors', body: new URLSearchParams({ a: 'b' }) }),
        ]
      }, web.url)
      expect(new Set(results)).toEqual(new Set(['blocked']))
      expect(await tokenOf(page)).toEqual({ ...before, expires_in: expect.any(Number) })
    })

    it('cannot sign the user out by a form (CSRF)', async () => {
      await signIn(page)
      const other = await context.newPage()
      await other.goto(attacker())
      await other.evaluate((action) => {
        const form = document.body.appendChild(document.createElement('form'))
        Object.assign(form, { action, method: 'post' }).submit()
      }, route('/pds/sign-out'))
      await other.waitForURL(route('/pds/sign-out'))
      await other.getByText('ForeignOrigin').waitFor()
      expect((await tokenOf(page)).status).toBe(200)
    })

    it('cannot start a sign-in in a frame or as an image', async () => {
      await page.goto(attacker())
      await page.evaluate(async (src) => {
        const load = (name: 'iframe' | 'img') =>
          new Promise((resolve) => {
            const element = document.createElement(name)
            element.onload = resolve
            element.onerror = resolve
            element.src = src
            document.body.append(element)
          })
        await load('img')
        await load('iframe')
      }, route('/pds/sign-in'))
      expect(await cookies()).toEqual([])
    })
  })

  it.each(['http://localhost:PORT/', '//127.0.0.1:PORT/', '/\\127.0.0.1:PORT', 'javascript:alert(1)'])(
    'does not return to %s (open redirect)',
    async (address) => {
      const returnTo = encodeURIComponent(address.replace('PORT', String(port)))
      await page.goto(route(`/pds/sign-in?returnTo=${returnTo}`))
      expect(new URL(page.url()).origin).toBe(new URL(web.url).origin)
      expect(await cookies()).toEqual([])
      expect(received).toEqual([])
    },
  )

  it('does not accept the callback of an attacker’s sign-in (login CSRF)', async () => {
    await page.goto(await callbackOf('sam'))
    await page.goto(web.url)
    expect((await tokenOf(page)).status).toBe(401)
    expect(await cookies()).toEqual([])
  })

  it('does not accept it during a sign-in of the user either, which then succeeds (cookie swap)', async () => {
    await page.goto(route('/pds/sign-in'))
    await button(page, /Ann Lee/).waitFor()
    const other = await context.newPage()
    await other.goto(await callbackOf('sam'))
    await other.goto(web.url)
    expect((await tokenOf(other)).status).toBe(401)
    await button(page, /Ann Lee/).click()
    await button(page, 'Allow').click()
    await page.waitForURL((url) => url.href === web.url)
    expect(await tokenOf(page)).toMatchObject({ status: 200, user_id: 'ann' })
  })

  it('does not accept a callback twice, nor in another browser (replay)', async () => {
    const callbacks: string[] = []
    context.on('request', (request) => {
      if (request.url().includes('/pds/callback?')) callbacks.push(request.url())
    })
    await signIn(page)
    const { access_token } = await tokenOf(page)
    const [callback = ''] = callbacks
    expect(callback).toMatch(/[?&]code=/)
    await page.goto(callback)
    await page.goto(web.url)
    expect((await tokenOf(page)).access_token).toBe(access_token)
    const thief = await browser.newContext()
    const stolen = await thief.newPage()
    await stolen.goto(callback)
    await stolen.goto(web.url)
    expect((await tokenOf(stolen)).status).toBe(401)
    await thief.close()
  })

  it('starts another session at the sign-in than the one that an attacker has planted (fixation)', async () => {
    const own = await browser.newContext()
    const ofAttacker = await own.newPage()
    await signIn(ofAttacker, /Sam Okafor/)
    const [planted] = await cookies(own)
    // Another program of this machine can set the cookie on its port: loopback addresses have no __Host- prefix.
    await page.goto(`http://127.0.0.1:${port}/`)
    await page.evaluate((cookie) => {
      // biome-ignore lint/suspicious/noDocumentCookie: an attacker does
      document.cookie = cookie
    }, `${planted?.name}=${planted?.value}; path=/`)
    await signIn(page)
    const [cookie] = await cookies()
    expect(cookie?.name).toBe(planted?.name)
    expect(cookie?.value).not.toBe(planted?.value)
    expect(await tokenOf(page)).toMatchObject({ status: 200, user_id: 'ann' })
    expect((await tokenOf(ofAttacker)).status).toBe(401)
    await own.close()
  })

  it('ignores cookies with other names (downgrade)', async () => {
    await signIn(page)
    const [cookie] = await cookies()
    const other = await browser.newContext()
    const attempt = await other.newPage()
    await attempt.goto(web.url)
    await attempt.evaluate((value) => {
      for (const name of ['pds', 'PDS-LOOPBACK', '__Host-pds']) {
        // biome-ignore lint/suspicious/noDocumentCookie: an attacker does
        document.cookie = `${name}=${value}; path=/`
      }
    }, cookie?.value)
    expect((await cookies(other)).length).toBeGreaterThan(0)
    expect((await tokenOf(attempt)).status).toBe(401)
    await other.close()
  })

  it('hides its cookies from scripts, and puts no token into them', async () => {
    await signIn(page)
    const { access_token = '' } = await tokenOf(page)
    expect(await page.evaluate(() => document.cookie)).not.toContain('pds')
    const all = await cookies()
    expect(all).toMatchObject([{ name: 'pds-loopback', httpOnly: true, sameSite: 'Lax' }])
    expect(access_token).not.toBe('')
    for (const part of access_token.split('.')) expect(JSON.stringify(all)).not.toContain(part)
  })

  it('rejects a body of 1 MiB, and goes on', async () => {
    await signIn(page)
    const status = await page.evaluate(async () => {
      const body = JSON.stringify({ rejected: 'a'.repeat(1_048_576) })
      const headers = { 'content-type': 'application/json' }
      return (await fetch('/pds/token', { method: 'POST', headers, body })).status
    })
    expect(status).toBe(413)
    expect((await tokenOf(page)).status).toBe(200)
  })

  it('forces one renewal only, however often a page reports its token', async () => {
    await signIn(page)
    const before = web.emulator.requests.length
    const statuses = await page.evaluate(async () => {
      const post = (body: object) =>
        fetch('/pds/token', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      const found: number[] = []
      for (let count = 0; count < 5; count++) {
        const { access_token } = await (await post({})).json()
        found.push((await post({ rejected: access_token })).status)
      }
      return found
    })
    expect(statuses).toEqual([200, 429, 429, 429, 429])
    expect(web.emulator.requests.length - before).toBe(1)
  })
})
