import { type Browser, browserIsMissing, launchBrowser, type Page } from 'shared/browser'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  call,
  type PageCall,
  type PageGlobals,
  type SignInSite,
  signInByRedirect,
  startSignInSite,
  stored,
} from './sign-in-page.test-helper.ts'

/* The state of a real page after completeSignIn fails. */

const nothing = { session: [], local: [] }

/** The message of a failed request. Each engine has its own text. */
const fetchFailure =
  /(Failed to fetch|NetworkError when attempting to fetch resource\.|Load failed).*: usual reasons are CORS/

describe.skipIf(browserIsMissing)(`completeSignIn after a failure ${browserIsMissing || ''}`, () => {
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

  const signIn = (changes?: Partial<PageCall>) => signInByRedirect(page, site, changes)
  const exchangeCount = () => site.exchanges() - before

  it('can be called again if nothing was sent, immediately or after a reload', async () => {
    const address = await signIn()
    const pending = await page.evaluate(() => sessionStorage.getItem('pds.sign-in'))
    for (const when of ['immediately', 'after a reload']) {
      expect(await call(page, { ...complete, aborted: true }), when).toMatchObject([
        { error: { code: 'Aborted', outcome: 'not-sent' } },
      ])
      expect(page.url()).toBe(address)
      expect(await page.evaluate(() => sessionStorage.getItem('pds.sign-in'))).toBe(pending)
      await page.reload()
    }
    expect(exchangeCount()).toBe(0)
    expect(await call(page, complete)).toMatchObject([{ token: { user_id: 'user-1' } }])
    expect(await stored(page)).toEqual(nothing)
  })

  it('sends the code even if the browser believes to be offline', async () => {
    await signIn()
    await page.evaluate(() => Object.defineProperty(navigator, 'onLine', { get: () => false }))
    expect(await call(page, complete)).toMatchObject([{ token: { user_id: 'user-1' } }])
    expect(exchangeCount()).toBe(1)
  })

  it('reports what happened to the request, not that the browser is offline', async () => {
    await signIn()
    await page.context().setOffline(true)
    expect(await call(page, complete)).toMatchObject([
      {
        error: {
          code: 'NetworkError',
          outcome: 'unknown',
          message: expect.stringMatching(fetchFailure),
        },
      },
    ])
    await page.context().setOffline(false)
    expect(await call(page, complete)).toMatchObject([{ status: 'already-handled' }])
    expect(exchangeCount()).toBe(0)
  })

  it.each([429, 503])('can be called again after status %i', async (status) => {
    const address = await signIn()
    site.emulator.injectFault({ type: 'status', status, path: '/v2/oauth/token' })
    const withoutRetry = { ...complete, options: { retryCount: 0 } }
    expect(await call(page, withoutRetry)).toMatchObject([{ error: { outcome: expect.any(String) } }])
    expect(page.url()).toBe(address)
    expect(exchangeCount()).toBe(1)
    expect(await call(page, withoutRetry)).toMatchObject([{ token: { user_id: 'user-1' } }])
    expect(await stored(page)).toEqual(nothing)
  })

  it.each([400, 500])('discards the sign-in if the service rejects the code with %i', async (status) => {
    await signIn()
    site.emulator.injectFault({ type: 'status', status, path: '/v2/oauth/token' })
    expect(await call(page, { ...complete, options: { retryCount: 0 } })).toMatchObject([{ error: {} }])
    expect(page.url()).toBe(site.redirect_uri)
    expect(await stored(page)).toEqual(nothing)
  })

  it('restores nothing if another sign-in has started', async () => {
    await signIn()
    const results = await page.evaluate(
      (given) => {
        const called = (globalThis as unknown as PageGlobals).pds.call(given)
        sessionStorage.setItem('pds.sign-in', '{"state":"the new one"}')
        return called
      },
      { ...complete, aborted: true },
    )
    expect(results).toMatchObject([{ error: { code: 'Aborted' } }])
    expect(page.url()).toBe(site.redirect_uri)
    expect(await page.evaluate(() => sessionStorage.getItem('pds.sign-in'))).toBe('{"state":"the new one"}')
  })

  it('restores nothing if the page has navigated', async () => {
    await signIn()
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

  it('discards the sign-in if the outcome of the code is unknown', async () => {
    await signIn()
    site.emulator.injectFault({ type: 'drop', when: 'after', path: '/v2/oauth/token' })
    expect(await call(page, complete)).toMatchObject([
      {
        error: {
          code: 'NetworkError',
          outcome: 'unknown',
          message: expect.stringMatching(fetchFailure),
        },
      },
    ])
    expect(page.url()).toBe(site.redirect_uri)
    expect(await stored(page)).toEqual(nothing)
    expect(exchangeCount()).toBe(1)
  })

  it('discards the sign-in after an error response and cleans the URL', async () => {
    await signIn({ params: { ...site.params, login_type: 'unknown' } })
    expect(await call(page, complete)).toMatchObject([
      {
        error: {
          code: 'invalid_request',
          outcome: 'responded',
          message: expect.stringMatching(/login_type/),
        },
      },
    ])
    expect(page.url()).toBe(site.redirect_uri)
    expect(await stored(page)).toEqual(nothing)
  })

  it('keeps the other parts of the URL and the history state', async () => {
    await signIn()
    await page.evaluate(() => {
      const more = '&iss=x&session_state=y&error_uri=z&error_description=w&tab=2#part'
      history.replaceState({ of: 'a router' }, '', location.href + more)
    })
    const address = page.url()
    expect(await call(page, { ...complete, aborted: true })).toMatchObject([{ error: { code: 'Aborted' } }])
    expect(page.url()).toBe(address)
    expect(await page.evaluate(() => history.state)).toEqual({ of: 'a router' })
    expect(await call(page, complete)).toMatchObject([{ token: { user_id: 'user-1' } }])
    expect(page.url()).toBe(`${site.redirect_uri}&tab=2#part`)
    expect(await page.evaluate(() => history.state)).toEqual({ of: 'a router' })
  })
})
