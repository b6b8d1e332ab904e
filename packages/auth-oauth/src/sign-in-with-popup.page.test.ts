import {
  type Browser,
  browserIsMissing,
  launchBrowser,
  leftOut,
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
    const popup = await clickOnly(signInCall)
    await popup.waitForURL(isExpected)
    return popup
  }

  /** Signs in with a click, and returns the popup when it is open. */
  async function clickOnly(signInCall: PageCall): Promise<Page> {
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
    return opened
  }

  const result = () => page.evaluate(() => (globalThis as unknown as PageGlobals).result as Promise<Result[]>)
  const isCallback = ({ pathname }: URL) => pathname === '/callback'
  const isIdle = ({ origin }: URL) => origin === idle.origin

  /** Calls completeSignIn in the popup and waits until the popup is closed. */
  async function complete(popup: Page, transport = site.transport): Promise<void> {
    const closed = popup.waitForEvent('close')
    const called = call(popup, { name: 'completeSignIn', transport })
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

  it('opens a blank popup during the click, and gives it no opener', async () => {
    await page.evaluate(() => {
      const { open } = window
      window.open = (...given) => {
        const opened = open(...given)
        Object.assign(window, { given, wasInClick: window.event?.type })
        return opened
      }
    })
    const popup = await click(idleSignIn(), isIdle)
    expect(await page.evaluate('[given[0], wasInClick]')).toEqual(['', 'click'])
    expect(await popup.evaluate(() => opener)).toBeNull()
    await popup.goto(site.origin)
    expect(await popup.evaluate(() => opener)).toBeNull()
  })

  it('rejects with PopupClosed if the blank popup is closed', async () => {
    await page.evaluate(() => {
      const { open } = window
      window.open = (...given) => {
        const opened = open(...given)
        Object.assign(window, { opened })
        return opened
      }
      const { digest } = crypto.subtle
      const hold = new Promise<void>((resolve) => Object.assign(window, { release: resolve }))
      crypto.subtle.digest = (...given) => hold.then(() => digest.apply(crypto.subtle, given))
    })
    const popup = await clickOnly(idleSignIn())
    await popup.close()
    await page.waitForFunction('opened.closed')
    await page.evaluate('release()')
    expect(await result()).toMatchObject([{ error: { code: 'PopupClosed', outcome: 'not-sent' } }])
    await expectNothingLeft(popup)
  })

  it('waits for the callback, an abort or its timeout after the popup has left', async () => {
    const options = { timeout: 60_000 }
    const popup = await click({ ...idleSignIn(), options }, isIdle)
    await popup.close()
    expect(await page.evaluate('live')).toEqual({ channels: 1, signals: 1, timers: 1 })
    await page.evaluate('pds.controller.abort()')
    expect(await result()).toMatchObject([{ error: { code: 'Aborted', outcome: 'not-sent' } }])
    await expectNothingLeft(popup)

    await page.clock.install()
    const another = await click({ ...idleSignIn(), options }, isIdle)
    await another.close()
    await page.clock.runFor(30_000)
    expect(await page.evaluate('live')).toMatchObject({ channels: 1, signals: 1 })
    await page.clock.runFor(30_000)
    expect(await result()).toMatchObject([
      { error: { code: 'Timeout', outcome: 'not-sent', message: expect.stringContaining('60000 ms') } },
    ])
    // The clock itself uses a timer.
    expect(await page.evaluate('live')).toMatchObject({ channels: 0, signals: 0 })
  })

  it.each([
    ['the sign-in page', 'same-origin', undefined],
    ['the pages of the application', undefined, 'same-origin'],
    ['all pages', 'same-origin-allow-popups', 'same-origin'],
  ])('works with a Cross-Origin-Opener-Policy of %s', async (_pages, theirPolicy, ownPolicy) => {
    const header = (policy?: string): Record<string, string> =>
      policy ? { 'cross-origin-opener-policy': policy } : {}
    const isolated = await servePages('', header(theirPolicy))
    const ownSite = await startSignInSite(header(ownPolicy))
    await page.goto(`${ownSite.origin}/start`)
    const { transport, params, emulator } = ownSite
    const { api_endpoint } = emulator
    const popup = await click(
      signIn({ params, transport: { api_endpoint, authorization_endpoint: isolated.origin } }),
      ({ origin }) => origin === isolated.origin,
    )
    expect(await popup.evaluate(() => opener)).toBeNull()
    // The user signs in: this server shows its page at first.
    const { search } = new URL(popup.url())
    await popup.goto(`${api_endpoint}/v2/oauth/authorize${search}&user_id=user-1`)
    await complete(popup, transport)
    expect(await result()).toMatchObject([{ token: { user_id: 'user-1' } }])
    await expectNothingLeft(popup)
    await Promise.all([isolated.close(), ownSite.close()])
  })

  it('closes the popup when its signal is aborted, on a page of its origin', async () => {
    const popup = await click(signIn(), isCallback)
    await page.evaluate('pds.controller.abort()')
    expect(await result()).toMatchObject([{ error: { code: 'Aborted', outcome: 'not-sent' } }])
    await expectNothingLeft(popup)
  })

  const cannotSee = leftOut('a popup that closes at once')
  it.skipIf(cannotSee)(
    `closes the popup when its signal is aborted before the URL is ready ${cannotSee || ''}`,
    async () => {
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
    },
  )

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

  it.skipIf(cannotSee)(`closes the popup if a parameter is invalid ${cannotSee || ''}`, async () => {
    const opened = page.waitForEvent('popup')
    const params = { ...site.params, login_type: '' }
    const called = call(page, signIn({ params }))
    const popup = await opened
    expect(await called).toMatchObject([{ error: { code: 'InvalidParameter' } }])
    await expectNothingLeft(popup)
  })

  it('does not settle in the popup, and closes it once, if completeSignIn is called twice', async () => {
    const popup = await click(signIn(), isCallback)
    const closed = popup.waitForEvent('close')
    const called = call(popup, { name: 'completeSignIn', transport: site.transport, times: 2 })
    called.catch(() => undefined)
    await closed
    expect(await result()).toMatchObject([{ token: { user_id: 'user-1' } }])
    expect(site.exchanges() - before).toBe(1)
  })

  it('rejects the callback of another state in the popup, and waits for its own', async () => {
    const popup = await click(idleSignIn(), isIdle)
    const { searchParams } = new URL(popup.url())
    await popup.clock.install()
    for (const response of ['code=canary&state=canary', 'code=canary', 'error=access_denied']) {
      await popup.goto(`${site.redirect_uri}&${response}`)
      const called = call(popup, { name: 'completeSignIn', transport: site.transport })
      // The URL is clean: the call waits for a page now, or has ended.
      await popup.waitForURL(site.redirect_uri)
      await popup.clock.runFor(2000)
      expect(await called).toMatchObject([{ error: { code: 'SignInNotBegun', outcome: 'not-sent' } }])
    }
    await popup.goto(`${site.redirect_uri}&error=access_denied&state=${searchParams.get('state')}`)
    await complete(popup)
    expect(await result()).toMatchObject([{ error: { code: 'access_denied', outcome: 'responded' } }])
    expect(site.exchanges()).toBe(before)
  })

  it('checks the callback that the popup sends', async () => {
    const popup = await click(idleSignIn(), isIdle)
    const state = new URL(popup.url()).searchParams.get('state')
    await popup.goto(`${site.redirect_uri}&code=canary&state=${state}&state=canary`)
    await complete(popup)
    expect(await result()).toMatchObject([{ error: { code: 'StateRepeated', outcome: 'not-sent' } }])
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
