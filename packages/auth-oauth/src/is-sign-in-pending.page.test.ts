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

describe.skipIf(browserIsMissing)(`isSignInPending ${browserIsMissing || ''}`, () => {
  let site: SignInSite
  let browser: Browser
  let page: Page
  let complete: PageCall

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
    page = await (await browser.newContext()).newPage()
    await page.goto(`${site.origin}/start`)
  })

  afterEach(() => page.context().close())

  const isPending = () => page.evaluate<boolean>('pds.isSignInPending()')

  it('returns true from the load of the callback until completeSignIn settles, and changes nothing', async () => {
    expect(await isPending()).toBe(false)
    const address = await signInByRedirect(page, site)
    const before = await stored(page)
    expect(await isPending()).toBe(true)
    expect([page.url(), await stored(page)]).toEqual([address, before])
    const statuses = await page.evaluate(async (config) => {
      const { pds } = globalThis as unknown as PageGlobals
      const completing = pds.completeSignIn(pds.createTransport(config))
      // The URL is clean already.
      const during = [location.search.includes('code='), pds.isSignInPending()]
      await completing
      return [...during, pds.isSignInPending()]
    }, site.transport)
    expect(statuses).toEqual([false, true, false])
  })

  it('returns true for an error response, and false after it', async () => {
    await signInByRedirect(page, site, { params: { ...site.params, login_type: 'unknown' } })
    expect(new URL(page.url()).searchParams.get('error')).toBe('invalid_request')
    expect(await isPending()).toBe(true)
    expect(await call(page, complete)).toMatchObject([{ error: { code: 'invalid_request' } }])
    expect(await isPending()).toBe(false)
  })

  it('returns true again if the sign-in can be continued after a failure', async () => {
    await signInByRedirect(page, site)
    expect(await call(page, { ...complete, aborted: true })).toMatchObject([{ error: { code: 'Aborted' } }])
    expect(await isPending()).toBe(true)
  })

  it('returns false for the callback of another tab, without a state, and while sessionStorage is blocked', async () => {
    const address = await signInByRedirect(page, site)
    for (const response of [
      'code=canary&state=canary',
      'code=canary',
      'error=access_denied',
      'state=canary',
    ]) {
      await page.goto(`${site.redirect_uri}&${response}`)
      expect(await isPending(), response).toBe(false)
    }
    const other = await page.context().newPage()
    await other.goto(address)
    expect(await other.evaluate('pds.isSignInPending()')).toBe(false)
    await page.goto(address)
    expect(await isPending()).toBe(true)
    await page.evaluate(() => {
      const get = () => {
        throw new DOMException('denied', 'SecurityError')
      }
      Object.defineProperty(window, 'sessionStorage', { get })
    })
    expect(await isPending()).toBe(false)
  })

  it('returns false while completeSignIn finds no callback of this tab', async () => {
    const during = (config: SignInSite['transport']) => {
      const { pds } = globalThis as unknown as PageGlobals
      pds.completeSignIn(pds.createTransport(config)).catch(() => undefined)
      return pds.isSignInPending()
    }
    expect(await page.evaluate(during, site.transport)).toBe(false)
    await page.goto(`${site.redirect_uri}&code=canary&state=canary`)
    expect(await page.evaluate(during, site.transport)).toBe(false)
  })
})
