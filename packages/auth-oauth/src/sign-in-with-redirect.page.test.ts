import { type Browser, browserIsMissing, launchBrowser, type Page, servePages } from 'browser'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  call,
  type PageCall,
  type PageGlobals,
  type SignInSite,
  startSignInSite,
  stored,
} from './sign-in-page.test-helper.ts'

/* signInWithRedirect and completeSignIn, in a real page. */

const nothing = { session: [], local: [] }

describe.skipIf(browserIsMissing)(`a sign-in by redirect ${browserIsMissing || ''}`, () => {
  let site: SignInSite
  let browser: Browser
  let page: Page
  let complete: PageCall
  let before: number

  beforeAll(async () => {
    site = await startSignInSite()
    browser = await launchBrowser()
    complete = { name: 'completeSignIn', transport: site.transport }
  })

  afterAll(async () => {
    await browser?.close()
    await site?.close()
  })

  beforeEach(async () => {
    const context = await browser.newContext()
    page = await context.newPage()
    await page.goto(`${site.origin}/start`)
    before = site.exchanges()
  })

  afterEach(() => page.context().close())

  /** Leaves the page, and is back on that of the redirect URI. */
  async function comeBack(changes: Partial<PageCall> = {}): Promise<string> {
    const { transport, params } = site
    const from = page.url()
    const isBack = ({ href, pathname }: URL) => pathname === '/callback' && href !== from
    const left = call(page, { name: 'signInWithRedirect', transport, params, ...changes })
    await Promise.all([page.waitForURL(isBack), left.catch(() => undefined)])
    return page.url()
  }

  const exchanged = () => site.exchanges() - before

  it('is completed, and leaves nothing behind', async () => {
    const address = await comeBack()
    expect(new URL(address).searchParams.has('code')).toBe(true)
    expect(await stored(page)).toEqual({ session: ['pds.sign-in'], local: [] })
    expect(await call(page, complete)).toMatchObject([{ token: { user_id: 'user-1' } }])
    expect(page.url()).toBe(site.redirect_uri)
    expect(await stored(page)).toEqual(nothing)
    expect(exchanged()).toBe(1)
  })

  it('spends a code once, whatever is called, reloaded and gone back to', async () => {
    await comeBack()
    const results = await call(page, { ...complete, times: 2 })
    expect(results).toMatchObject([{ token: { user_id: 'user-1' } }, {}])
    expect(results[1]).toEqual({ token: undefined })
    await page.reload()
    expect(await call(page, complete)).toEqual([{ token: undefined }])
    await page.goBack()
    expect(page.url()).toBe(`${site.origin}/start`)
    await page.goForward()
    expect(page.url()).toBe(site.redirect_uri)
    expect(await call(page, complete)).toEqual([{ token: undefined }])
    expect(exchanged()).toBe(1)
  })

  it('goes on where nothing was sent, at once or after a reload', async () => {
    const address = await comeBack()
    const waiting = await page.evaluate(() => sessionStorage.getItem('pds.sign-in'))
    for (const how of ['at once', 'after a reload']) {
      expect(await call(page, { ...complete, aborted: true }), how).toMatchObject([
        { error: { code: 'Aborted', outcome: 'not-sent' } },
      ])
      expect(page.url()).toBe(address)
      expect(await page.evaluate(() => sessionStorage.getItem('pds.sign-in'))).toBe(waiting)
      await page.reload()
    }
    expect(exchanged()).toBe(0)
    expect(await call(page, complete)).toMatchObject([{ token: { user_id: 'user-1' } }])
    expect(await stored(page)).toEqual(nothing)
  })

  it('puts nothing back where the page has gone elsewhere meanwhile', async () => {
    await comeBack()
    const results = await page.evaluate(
      (given) => {
        const called = (globalThis as unknown as PageGlobals).pds.call(given)
        history.pushState(null, '', '/elsewhere')
        return called
      },
      { ...complete, aborted: true },
    )
    expect(results).toMatchObject([{ error: { code: 'Aborted', outcome: 'not-sent' } }])
    expect(page.url()).toBe(`${site.origin}/elsewhere`)
    expect(await stored(page)).toEqual(nothing)
  })

  it('is over where the fate of the code is unknown', async () => {
    await comeBack()
    site.emulator.injectFault({ type: 'drop', when: 'after', path: '/v2/oauth/token' })
    expect(await call(page, complete)).toMatchObject([
      { error: { code: 'NetworkError', outcome: 'unknown' } },
    ])
    expect(page.url()).toBe(site.redirect_uri)
    expect(await stored(page)).toEqual(nothing)
    expect(exchanged()).toBe(1)
  })

  it('is over where the service says so, and its answer is not in the address any more', async () => {
    await comeBack({ params: { ...site.params, login_type: 'of tomorrow' } })
    expect(await call(page, complete)).toMatchObject([
      {
        error: {
          code: 'invalid_request',
          outcome: 'answered',
          message: expect.stringMatching(/login_type/),
        },
      },
    ])
    expect(page.url()).toBe(site.redirect_uri)
    expect(await stored(page)).toEqual(nothing)
  })

  it('keeps what the address and the history of the page hold beside the answer', async () => {
    await comeBack()
    await page.evaluate(() => {
      history.replaceState({ of: 'a router' }, '', `${location.href}&iss=x&session_state=y&tab=2#part`)
    })
    expect(await call(page, complete)).toMatchObject([{ token: { user_id: 'user-1' } }])
    expect(page.url()).toBe(`${site.redirect_uri}&tab=2#part`)
    expect(await page.evaluate(() => history.state)).toEqual({ of: 'a router' })
  })

  it('is none where there is no answer in the address', async () => {
    expect(await call(page, complete)).toEqual([{ token: undefined }])
    await page.goto(`${site.redirect_uri}&state=canary`)
    expect(await call(page, complete)).toEqual([{ token: undefined }])
    expect(page.url()).toBe(`${site.redirect_uri}&state=canary`)
  })

  it('did not begin in a tab that has no request of its state', async () => {
    for (const answer of ['code=canary&state=canary', 'error=access_denied', 'code=canary']) {
      await page.goto(`${site.redirect_uri}&${answer}`)
      const [{ error } = {}] = await call(page, complete)
      expect(error).toMatchObject({ code: 'SignInNotBegun', outcome: 'not-sent' })
      expect(error?.message).not.toContain('canary')
      expect(page.url()).toBe(site.redirect_uri)
    }
  })

  it('waits on where the callback of another one comes', async () => {
    const address = await comeBack()
    await page.goto(`${site.redirect_uri}&code=canary&state=canary`)
    expect(await call(page, complete)).toMatchObject([{ error: { code: 'SignInNotBegun' } }])
    await page.goto(address)
    expect(await call(page, complete)).toMatchObject([{ token: { user_id: 'user-1' } }])
  })

  it.each([
    ['StateMissing', (url: URL) => url.searchParams.delete('state')],
    ['StateRepeated', (url: URL) => url.searchParams.append('state', 'canary')],
    ['CodeRepeated', (url: URL) => url.searchParams.append('code', 'canary')],
    ['RedirectUriMismatch', (url: URL) => Object.assign(url, { pathname: '/callbacks' })],
  ])('is over with %s', async (code, change) => {
    const url = new URL(await comeBack())
    change(url)
    await page.goto(url.href)
    expect(await call(page, complete)).toMatchObject([{ error: { code, outcome: 'not-sent' } }])
    expect(new URL(page.url()).search).toBe('?from=login')
    expect(await stored(page)).toEqual(nothing)
    expect(exchanged()).toBe(0)
  })

  it('begins again in place of an earlier one', async () => {
    const first = await comeBack()
    const second = await comeBack()
    await page.goto(first)
    expect(await call(page, complete)).toMatchObject([{ error: { code: 'SignInNotBegun' } }])
    await page.goto(second)
    expect(await call(page, complete)).toMatchObject([{ token: { user_id: 'user-1' } }])
  })

  it('needs a request that is as it was', async () => {
    await comeBack()
    await page.evaluate(() => {
      const kept = JSON.parse(sessionStorage.getItem('pds.sign-in') ?? '')
      sessionStorage.setItem('pds.sign-in', JSON.stringify({ ...kept, code_verifier: 7 }))
    })
    expect(await call(page, complete)).toMatchObject([{ error: { code: 'InvalidParameter' } }])
    expect(await stored(page)).toEqual(nothing)
    const address = `${site.redirect_uri}&code=canary&state=canary`
    for (const damaged of ['{', 'null', '[]', '{"state":7}']) {
      await page.goto(address)
      await page.evaluate((text) => sessionStorage.setItem('pds.sign-in', text), damaged)
      expect(await call(page, complete)).toMatchObject([{ error: { code: 'SignInNotBegun' } }])
    }
  })

  it('says what to do where sessionStorage is denied or full', async () => {
    const begin: PageCall = { name: 'signInWithRedirect', transport: site.transport, params: site.params }
    const refused = [
      { error: { code: 'UnsupportedEnvironment', message: expect.stringContaining('signInWithPopup') } },
    ]
    await page.evaluate(() => sessionStorage.setItem('x', 'x'.repeat(5 * 2 ** 20 - 10)))
    expect(await call(page, begin)).toMatchObject(refused)
    await page.evaluate(() => {
      const get = () => {
        throw new DOMException('denied', 'SecurityError')
      }
      Object.defineProperty(window, 'sessionStorage', { get })
    })
    expect(await call(page, begin)).toMatchObject(refused)
    expect(page.url()).toBe(`${site.origin}/start`)
  })

  it('is completed in the window that it began in, also where another page opened that', async () => {
    const opened = page.waitForEvent('popup')
    await page.evaluate(() => void open('/start'))
    page = await opened
    await page.waitForURL('**/start')
    await comeBack()
    expect(await call(page, complete)).toMatchObject([{ token: { user_id: 'user-1' } }])
    expect(page.isClosed()).toBe(false)
  })

  it('is not told to the page of another site that opened the window', async () => {
    const elsewhere = await servePages('')
    await page.goto(elsewhere.origin)
    await page.evaluate(() => {
      Object.assign(window, { messages: [] as unknown[] })
      addEventListener('message', ({ data }) =>
        (window as unknown as { messages: unknown[] }).messages.push(data),
      )
    })
    const opened = page.waitForEvent('popup')
    await page.evaluate((url) => void open(url), `${site.redirect_uri}&code=canary&state=canary`)
    const popup = await opened
    await popup.waitForLoadState()
    expect(await call(popup, complete)).toMatchObject([{ error: { code: 'SignInNotBegun' } }])
    // What it could have sent would have come before this.
    await popup.evaluate(() => opener.postMessage('last', '*'))
    await page.waitForFunction('messages.length > 0')
    expect(await page.evaluate('messages')).toEqual(['last'])
    expect(popup.isClosed()).toBe(false)
    await elsewhere.close()
  })
})
