import { type Browser, browserIsMissing, launchBrowser, type Page } from 'shared/browser'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  call,
  goAndComeBack,
  type PageCall,
  type PageGlobals,
  type SignInSite,
  startSignInSite,
  stored,
} from './sign-in-page.test-helper.ts'

/* What completeSignIn leaves behind where the code is not exchanged, in a real page. */

const nothing = { session: [], local: [] }

describe.skipIf(browserIsMissing)(`a sign-in by redirect that fails ${browserIsMissing || ''}`, () => {
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

  const comeBack = (changes?: Partial<PageCall>) => goAndComeBack(page, site, changes)
  const exchanged = () => site.exchanges() - before

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

  it('goes on once the browser is online', async () => {
    const address = await comeBack()
    await page.context().setOffline(true)
    expect(await call(page, complete)).toMatchObject([
      { error: { code: 'NetworkError', outcome: 'not-sent', message: expect.stringContaining('offline') } },
    ])
    expect(page.url()).toBe(address)
    await page.context().setOffline(false)
    expect(await call(page, complete)).toMatchObject([{ token: { user_id: 'user-1' } }])
    expect(exchanged()).toBe(1)
  })

  it.each([429, 503])('goes on where the service asks to come back later, with %i', async (status) => {
    const address = await comeBack()
    site.emulator.injectFault({ type: 'status', status, path: '/v2/oauth/token' })
    const once = { ...complete, options: { retryCount: 0 } }
    expect(await call(page, once)).toMatchObject([{ error: { outcome: expect.any(String) } }])
    expect(page.url()).toBe(address)
    expect(exchanged()).toBe(1)
    expect(await call(page, once)).toMatchObject([{ token: { user_id: 'user-1' } }])
    expect(await stored(page)).toEqual(nothing)
  })

  it.each([400, 500])('is over where the service refuses the code with %i', async (status) => {
    await comeBack()
    site.emulator.injectFault({ type: 'status', status, path: '/v2/oauth/token' })
    expect(await call(page, { ...complete, options: { retryCount: 0 } })).toMatchObject([{ error: {} }])
    expect(page.url()).toBe(site.redirect_uri)
    expect(await stored(page)).toEqual(nothing)
  })

  it('puts nothing back where another sign-in has begun meanwhile', async () => {
    await comeBack()
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
          outcome: 'responded',
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
