import {
  type Browser,
  browserIsMissing,
  launchBrowser,
  type Page,
  type PageServer,
  servePages,
} from 'browser'
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
  /** A sign-in page of another origin on which the user does nothing. */
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
  const idleSignIn = () => signIn({ transport: { ...site.transport, authorization_endpoint: idle.origin } })

  /** Signs in with a click, and returns the popup when it has reached the expected URL. */
  async function click(signInCall: PageCall, isExpected: (url: URL) => boolean): Promise<Page> {
    await page.evaluate((given) => {
      const globals = globalThis as unknown as PageGlobals
      const button = document.createElement('button')
      button.onclick = () => {
        globals.result = globals.pds.call(given)
      }
      document.body.replaceChildren(button)
    }, signInCall)
    const opened = page.waitForEvent('popup')
    await page.locator('button').click()
    const popup = await opened
    await popup.waitForURL(isExpected)
    return popup
  }

  const result = () => page.evaluate(() => (globalThis as unknown as PageGlobals).result as Promise<Result[]>)
  const isCallback = ({ pathname }: URL) => pathname === '/callback'
  const isIdle = ({ origin }: URL) => origin === idle.origin

  /** Calls completeSignIn in the popup and waits until the popup is closed. */
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

  it('returns the token and leaves nothing behind', async () => {
    const popup = await click(signIn(), isCallback)
    await complete(popup)
    expect(await result()).toMatchObject([{ token: { user_id: 'user-1' } }])
    expect(page.url()).toBe(`${site.origin}/start`)
    expect(site.exchanges() - before).toBe(1)
    await expectNothingLeft(popup)
  })

  it('keeps the pending redirect of the same tab', async () => {
    const pending = JSON.stringify({ ...site.params, state: 'another', url: 'https://elsewhere.test' })
    await page.evaluate((text) => sessionStorage.setItem('pds.sign-in', text), pending)
    const popup = await click(signIn(), isCallback)
    // A popup starts with a copy of the opener's sessionStorage.
    expect((await stored(popup)).session).toEqual(['pds.sign-in'])
    await complete(popup)
    expect(await result()).toMatchObject([{ token: { user_id: 'user-1' } }])
    expect((await stored(page)).session).toEqual(['pds.sign-in'])
  })

  it('rejects with PopupClosed when the popup is closed', async () => {
    const popup = await click(idleSignIn(), isIdle)
    await popup.close()
    expect(await result()).toMatchObject([{ error: { code: 'PopupClosed', outcome: 'not-sent' } }])
    await expectNothingLeft(popup)
  })

  it('rejects with PopupClosed if the sign-in page has a Cross-Origin-Opener-Policy', async () => {
    const isolated = await servePages('', { 'cross-origin-opener-policy': 'same-origin' })
    const transport = { ...site.transport, authorization_endpoint: isolated.origin }
    await click(signIn({ transport }), ({ origin }) => origin === isolated.origin)
    expect(await result()).toMatchObject([{ error: { code: 'PopupClosed' } }])
    await expectNothingLeft()
    await isolated.close()
  })

  it('closes the popup when its signal is aborted', async () => {
    const popup = await click(idleSignIn(), isIdle)
    await page.evaluate('pds.controller.abort()')
    expect(await result()).toMatchObject([{ error: { code: 'Aborted', outcome: 'not-sent' } }])
    await expectNothingLeft(popup)
  })

  it('closes the popup when its signal is aborted before the URL is ready', async () => {
    const opened = page.waitForEvent('popup')
    const called = page.evaluate((given) => {
      const { pds } = globalThis as unknown as PageGlobals
      const results = pds.call(given)
      pds.controller.abort()
      return results
    }, idleSignIn())
    const popup = await opened
    expect(await called).toMatchObject([{ error: { code: 'Aborted', outcome: 'not-sent' } }])
    await expectNothingLeft(popup)
  })

  it('passes its options to the token request', async () => {
    const popup = await click(signIn({ options: { retryCount: 0 } }), isCallback)
    site.emulator.injectFault({ type: 'throttle', path: '/v2/oauth/token' })
    await complete(popup)
    // Without retryCount 0, the throttled request would be retried.
    expect(await result()).toMatchObject([{ error: { outcome: 'responded' } }])
    expect(site.exchanges() - before).toBe(1)
  })

  it('fails with SignInNotBegun in the popup if the opener is reloaded', async () => {
    const popup = await click(signIn(), isCallback)
    await page.reload()
    await page.clock.install()
    const called = call(popup, { name: 'completeSignIn', transport: site.transport })
    // The URL is clean: the call waits for the opener now.
    await popup.waitForURL(site.redirect_uri)
    await page.clock.runFor(2000)
    expect(await called).toMatchObject([{ error: { code: 'SignInNotBegun', outcome: 'not-sent' } }])
    expect(popup.isClosed()).toBe(false)
    expect(site.exchanges()).toBe(before)
  })

  it('opens no popup if its signal is aborted or an option is invalid', async () => {
    await page.evaluate(() => {
      window.open = () => {
        throw new Error('window.open was called')
      }
    })
    expect(await call(page, signIn({ aborted: true }))).toMatchObject([{ error: { code: 'Aborted' } }])
    const options = { timeOut: 1 } as object
    expect(await call(page, signIn({ options }))).toMatchObject([
      { error: { code: 'InvalidParameter', message: expect.stringContaining('options.timeOut') } },
    ])
  })

  it('closes the popup if a parameter is invalid', async () => {
    const opened = page.waitForEvent('popup')
    const params = { ...site.params, login_type: '' }
    const called = call(page, signIn({ params }))
    const popup = await opened
    expect(await called).toMatchObject([{ error: { code: 'InvalidParameter' } }])
    await expectNothingLeft(popup)
  })

  it('ignores messages of another window, another origin or another type', async () => {
    const url = `${site.redirect_uri}&code=canary&state=canary`
    const message = { type: 'pds.sign-in', url }
    const popup = await click(idleSignIn(), isIdle)
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
    // An accepted message would have ended the sign-in with another error.
    await popup.goto(`${site.redirect_uri}&error=access_denied&state=${request.get('state')}`)
    await complete(popup)
    expect(await result()).toMatchObject([{ error: { code: 'access_denied', outcome: 'responded' } }])
    await expectNothingLeft(popup)
  })

  it('checks the state of the callback', async () => {
    const popup = await click(idleSignIn(), isIdle)
    await popup.goto(`${site.redirect_uri}&code=canary&state=canary`)
    await complete(popup)
    expect(await result()).toMatchObject([{ error: { code: 'StateMismatch', outcome: 'not-sent' } }])
    expect(site.exchanges()).toBe(before)
    await expectNothingLeft(popup)
  })

  it('reports the outcome of a failed token request', async () => {
    const popup = await click(signIn(), isCallback)
    site.emulator.injectFault({ type: 'drop', when: 'after', path: '/v2/oauth/token' })
    await complete(popup)
    expect(await result()).toMatchObject([{ error: { code: 'NetworkError', outcome: 'unknown' } }])
    await expectNothingLeft(popup)
  })

  it('needs no sessionStorage', async () => {
    const popup = await click(signIn(), isCallback)
    const blockStorage = () => {
      const get = () => {
        throw new DOMException('denied', 'SecurityError')
      }
      Object.defineProperty(window, 'sessionStorage', { get })
    }
    await page.evaluate(blockStorage)
    await popup.evaluate(blockStorage)
    await complete(popup)
    expect(await result()).toMatchObject([{ token: { user_id: 'user-1' } }])
  })
})
