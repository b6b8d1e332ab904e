import {
  type Browser,
  browserIsMissing,
  launchBrowser,
  type Page,
  type PageServer,
  servePages,
} from 'shared/browser'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  call,
  noResources,
  type PageCall,
  type PageGlobals,
  type Result,
  type SignInSite,
  startSignInSite,
  stored,
  watchResources,
} from './sign-in-page.test-helper.ts'

/* signInWithPopup, in a real page. */

describe.skipIf(browserIsMissing)(`a sign-in by popup ${browserIsMissing || ''}`, () => {
  let site: SignInSite
  let browser: Browser
  let page: Page
  /** A sign-in page of another origin, on which nobody does anything. */
  let idle: PageServer
  let before: number

  beforeAll(async () => {
    site = await startSignInSite()
    idle = await servePages('')
    browser = await launchBrowser()
  })

  afterAll(async () => {
    await browser?.close()
    await idle?.close()
    await site?.close()
  })

  beforeEach(async () => {
    const context = await browser.newContext()
    page = await context.newPage()
    await page.addInitScript(watchResources)
    await page.goto(`${site.origin}/start`)
    before = site.exchanges()
  })

  afterEach(() => page.context().close())

  const signIn = (changes: Partial<PageCall> = {}): PageCall => {
    const { transport, params } = site
    return { name: 'signInWithPopup', transport, params, ...changes }
  }
  const waitingThere = () => signIn({ transport: { ...site.transport, authorization_endpoint: idle.origin } })

  /** Signs in with a click, and gives the window that it opens, once that is on the page that it is sent to. */
  async function click(made: PageCall, isThere: (url: URL) => boolean): Promise<Page> {
    await page.evaluate((given) => {
      const globals = globalThis as unknown as PageGlobals
      const button = document.createElement('button')
      button.onclick = () => {
        globals.result = globals.pds.call(given)
      }
      document.body.replaceChildren(button)
    }, made)
    const opened = page.waitForEvent('popup')
    await page.locator('button').click()
    const popup = await opened
    await popup.waitForURL(isThere)
    return popup
  }

  const result = () => page.evaluate(() => (globalThis as unknown as PageGlobals).result as Promise<Result[]>)
  const isBack = ({ pathname }: URL) => pathname === '/callback'
  const isIdle = ({ origin }: URL) => origin === idle.origin

  /** The page of the redirect URI does its part; the window is closed by it. */
  async function complete(popup: Page): Promise<void> {
    const closed = popup.waitForEvent('close')
    const called = call(popup, { name: 'completeSignIn', transport: site.transport })
    called.catch(() => undefined)
    await closed
  }

  async function expectNothingLeft(popup?: Page): Promise<void> {
    if (popup && !popup.isClosed()) await popup.waitForEvent('close')
    expect(await page.evaluate('live')).toEqual(noResources)
    expect(await stored(page)).toEqual({ session: [], local: [] })
  }

  it('gives the token, and leaves nothing behind', async () => {
    const popup = await click(signIn(), isBack)
    await complete(popup)
    expect(await result()).toMatchObject([{ token: { user_id: 'user-1' } }])
    expect(page.url()).toBe(`${site.origin}/start`)
    expect(site.exchanges() - before).toBe(1)
    await expectNothingLeft(popup)
  })

  it('is not taken for the redirect that waits in the same tab', async () => {
    const waiting = JSON.stringify({ ...site.params, state: 'another', url: 'https://elsewhere.test' })
    await page.evaluate((text) => sessionStorage.setItem('pds.sign-in', text), waiting)
    const popup = await click(signIn(), isBack)
    // The window begins with a copy of it.
    expect((await stored(popup)).session).toEqual(['pds.sign-in'])
    await complete(popup)
    expect(await result()).toMatchObject([{ token: { user_id: 'user-1' } }])
    expect((await stored(page)).session).toEqual(['pds.sign-in'])
  })

  it('is over when the window is closed', async () => {
    const popup = await click(waitingThere(), isIdle)
    await popup.close()
    expect(await result()).toMatchObject([{ error: { code: 'PopupClosed', outcome: 'not-sent' } }])
    await expectNothingLeft(popup)
  })

  it('looks like closed where the sign-in page lets no other page hold its window', async () => {
    const alone = await servePages('', { 'cross-origin-opener-policy': 'same-origin' })
    const transport = { ...site.transport, authorization_endpoint: alone.origin }
    await click(signIn({ transport }), ({ origin }) => origin === alone.origin)
    expect(await result()).toMatchObject([{ error: { code: 'PopupClosed' } }])
    await expectNothingLeft()
    await alone.close()
  })

  it('is over when its signal says so, and closes the window', async () => {
    const popup = await click(waitingThere(), isIdle)
    await page.evaluate('pds.controller.abort()')
    expect(await result()).toMatchObject([{ error: { code: 'Aborted', outcome: 'not-sent' } }])
    await expectNothingLeft(popup)
  })

  it('is over when its signal says so while the address is made', async () => {
    const opened = page.waitForEvent('popup')
    const called = page.evaluate((given) => {
      const { pds } = globalThis as unknown as PageGlobals
      const results = pds.call(given)
      pds.controller.abort()
      return results
    }, waitingThere())
    const popup = await opened
    expect(await called).toMatchObject([{ error: { code: 'Aborted', outcome: 'not-sent' } }])
    await expectNothingLeft(popup)
  })

  it('exchanges the code with its options', async () => {
    const popup = await click(signIn({ options: { retryCount: 0 } }), isBack)
    site.emulator.injectFault({ type: 'throttle', path: '/v2/oauth/token' })
    await complete(popup)
    // It would have been sent again.
    expect(await result()).toMatchObject([{ error: { outcome: 'responded' } }])
    expect(site.exchanges() - before).toBe(1)
  })

  it('is lost where its page is reloaded meanwhile, as the window says', async () => {
    const popup = await click(signIn(), isBack)
    await page.reload()
    await page.clock.install()
    const called = call(popup, { name: 'completeSignIn', transport: site.transport })
    // From here on it waits.
    await popup.waitForURL(site.redirect_uri)
    await page.clock.runFor(2000)
    expect(await called).toMatchObject([{ error: { code: 'SignInNotBegun', outcome: 'not-sent' } }])
    expect(popup.isClosed()).toBe(false)
    expect(site.exchanges()).toBe(before)
  })

  it('opens no window where its signal is aborted, or an option is wrong', async () => {
    await page.evaluate(() => {
      window.open = () => {
        throw new Error('it was opened')
      }
    })
    expect(await call(page, signIn({ aborted: true }))).toMatchObject([{ error: { code: 'Aborted' } }])
    const options = { timeOut: 1 } as object
    expect(await call(page, signIn({ options }))).toMatchObject([
      { error: { code: 'InvalidParameter', message: expect.stringContaining('options.timeOut') } },
    ])
  })

  it('closes the window where a parameter is wrong', async () => {
    const opened = page.waitForEvent('popup')
    const params = { ...site.params, login_type: '' }
    const called = call(page, signIn({ params }))
    const popup = await opened
    expect(await called).toMatchObject([{ error: { code: 'InvalidParameter' } }])
    await expectNothingLeft(popup)
  })

  it('takes no message of another window, another origin or another kind', async () => {
    const url = `${site.redirect_uri}&code=canary&state=canary`
    const message = { type: 'pds.sign-in', url }
    const popup = await click(waitingThere(), isIdle)
    await popup.evaluate((data) => opener.postMessage(data, '*'), message)
    await page.evaluate((data) => window.postMessage(data, '*'), message)
    const request = new URL(popup.url()).searchParams
    await popup.goto(`${site.origin}/other`)
    const others = [
      null,
      'pds.sign-in',
      url,
      { url },
      { type: 'pds.sign-in', url: 7 },
      { type: 'other', url },
    ]
    for (const data of others) await popup.evaluate((data) => opener.postMessage(data, '*'), data)
    // Any of them would have ended it by now, with another error than this one.
    await popup.goto(`${site.redirect_uri}&error=access_denied&state=${request.get('state')}`)
    await complete(popup)
    expect(await result()).toMatchObject([{ error: { code: 'access_denied', outcome: 'responded' } }])
    await expectNothingLeft(popup)
  })

  it('checks the callback that comes', async () => {
    const popup = await click(waitingThere(), isIdle)
    await popup.goto(`${site.redirect_uri}&code=canary&state=canary`)
    await complete(popup)
    expect(await result()).toMatchObject([{ error: { code: 'StateMismatch', outcome: 'not-sent' } }])
    expect(site.exchanges()).toBe(before)
    await expectNothingLeft(popup)
  })

  it('says what became of the code where the exchange fails', async () => {
    const popup = await click(signIn(), isBack)
    site.emulator.injectFault({ type: 'drop', when: 'after', path: '/v2/oauth/token' })
    await complete(popup)
    expect(await result()).toMatchObject([{ error: { code: 'NetworkError', outcome: 'unknown' } }])
    await expectNothingLeft(popup)
  })

  it('needs no sessionStorage', async () => {
    const popup = await click(signIn(), isBack)
    const deny = () => {
      const get = () => {
        throw new DOMException('denied', 'SecurityError')
      }
      Object.defineProperty(window, 'sessionStorage', { get })
    }
    await page.evaluate(deny)
    await popup.evaluate(deny)
    await complete(popup)
    expect(await result()).toMatchObject([{ token: { user_id: 'user-1' } }])
  })
})
