import { type Browser, browserIsMissing, launchBrowser, type Page, servePages } from 'browser'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  call,
  type PageCall,
  type SignInSite,
  signInByRedirect,
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

  const signIn = (changes?: Partial<PageCall>) => signInByRedirect(page, site, changes)
  const exchangeCount = () => site.exchanges() - before

  it('returns the token and leaves nothing behind', async () => {
    const address = await signIn()
    expect(new URL(address).searchParams.has('code')).toBe(true)
    expect(await stored(page)).toEqual({ session: ['pds.sign-in'], local: [] })
    expect(await call(page, complete)).toMatchObject([{ token: { user_id: 'user-1' } }])
    expect(page.url()).toBe(site.redirect_uri)
    expect(await stored(page)).toEqual(nothing)
    expect(exchangeCount()).toBe(1)
  })

  it('spends a code once despite second calls, reloads and history navigation', async () => {
    await signIn()
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
    expect(exchangeCount()).toBe(1)
  })

  it('returns undefined if the URL has no code and no error', async () => {
    expect(await call(page, complete)).toEqual([{ token: undefined }])
    await page.goto(`${site.redirect_uri}&state=canary`)
    expect(await call(page, complete)).toEqual([{ token: undefined }])
    expect(page.url()).toBe(`${site.redirect_uri}&state=canary`)
  })

  it('rejects with SignInNotBegun in a tab without a request for the state', async () => {
    for (const response of ['code=canary&state=canary', 'error=access_denied', 'code=canary']) {
      await page.goto(`${site.redirect_uri}&${response}`)
      const [{ error } = {}] = await call(page, complete)
      expect(error).toMatchObject({ code: 'SignInNotBegun', outcome: 'not-sent' })
      expect(error?.message).not.toContain('canary')
      expect(page.url()).toBe(site.redirect_uri)
    }
  })

  it('stays pending when the callback of another sign-in arrives', async () => {
    const address = await signIn()
    await page.goto(`${site.redirect_uri}&code=canary&state=canary`)
    expect(await call(page, complete)).toMatchObject([{ error: { code: 'SignInNotBegun' } }])
    await page.goto(address)
    expect(await call(page, complete)).toMatchObject([{ token: { user_id: 'user-1' } }])
  })

  it.each([
    ['StateRepeated', (url: URL) => url.searchParams.append('state', 'canary')],
    ['StateRepeated', (url: URL) => Object.assign(url, { search: `?state=canary&${url.search.slice(1)}` })],
    ['CodeRepeated', (url: URL) => url.searchParams.append('code', 'canary')],
    ['RedirectUriMismatch', (url: URL) => Object.assign(url, { pathname: '/callbacks' })],
  ])('is discarded with %s', async (code, change) => {
    const url = new URL(await signIn())
    change(url)
    await page.goto(url.href)
    expect(await call(page, complete)).toMatchObject([{ error: { code, outcome: 'not-sent' } }])
    expect(new URL(page.url()).search).toBe('?from=login')
    expect(await stored(page)).toEqual(nothing)
    expect(exchangeCount()).toBe(0)
  })

  it('stays pending when a callback without a state arrives', async () => {
    const address = await signIn()
    await page.goto(`${site.redirect_uri}&code=canary`)
    expect(await call(page, complete)).toMatchObject([
      { error: { code: 'StateMissing', outcome: 'not-sent' } },
    ])
    expect(page.url()).toBe(site.redirect_uri)
    expect(exchangeCount()).toBe(0)
    await page.goto(address)
    expect(await call(page, complete)).toMatchObject([{ token: { user_id: 'user-1' } }])
  })

  it('rejects the transport of another server', async () => {
    await signIn()
    const sent: string[] = []
    page.on('request', (request) => sent.push(request.url()))
    const elsewhere = { api_endpoint: 'http://127.0.0.1:9' }
    expect(await call(page, { ...complete, transport: elsewhere })).toMatchObject([
      { error: { code: 'InvalidParameter', message: expect.stringContaining('another server') } },
    ])
    expect(sent).toEqual([])
    expect(page.url()).toBe(site.redirect_uri)
  })

  it('replaces an earlier sign-in', async () => {
    const first = await signIn()
    const second = await signIn()
    await page.goto(first)
    expect(await call(page, complete)).toMatchObject([{ error: { code: 'SignInNotBegun' } }])
    await page.goto(second)
    expect(await call(page, complete)).toMatchObject([{ token: { user_id: 'user-1' } }])
  })

  it('rejects a damaged request', async () => {
    await signIn()
    await page.evaluate(() => {
      const request = JSON.parse(sessionStorage.getItem('pds.sign-in') ?? '')
      sessionStorage.setItem('pds.sign-in', JSON.stringify({ ...request, code_verifier: 7 }))
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

  it('suggests signInWithPopup if sessionStorage is blocked or full', async () => {
    const begin: PageCall = { name: 'signInWithRedirect', transport: site.transport, params: site.params }
    const unsupported = [
      { error: { code: 'UnsupportedEnvironment', message: expect.stringContaining('signInWithPopup') } },
    ]
    await page.evaluate(() => sessionStorage.setItem('x', 'x'.repeat(5 * 2 ** 20 - 10)))
    expect(await call(page, begin)).toMatchObject(unsupported)
    await page.evaluate(() => {
      const get = () => {
        throw new DOMException('denied', 'SecurityError')
      }
      Object.defineProperty(window, 'sessionStorage', { get })
    })
    expect(await call(page, begin)).toMatchObject(unsupported)
    expect(page.url()).toBe(`${site.origin}/start`)
  })

  it('completes in a window that another page opened', async () => {
    const opened = page.waitForEvent('popup')
    await page.evaluate(() => void open('/start'))
    page = await opened
    await page.waitForURL('**/start')
    await signIn()
    expect(await call(page, complete)).toMatchObject([{ token: { user_id: 'user-1' } }])
    expect(page.isClosed()).toBe(false)
  })

  it('rejects with SignInNotBegun in a window whose opener expects no callback', async () => {
    await page.clock.install()
    const opened = page.waitForEvent('popup')
    await page.evaluate((url) => void open(url), `${site.redirect_uri}&code=canary&state=canary`)
    const popup = await opened
    await popup.waitForFunction('globalThis.pds')
    const called = call(popup, complete)
    // The URL is clean: the call waits for the opener now.
    await popup.waitForURL(site.redirect_uri)
    await page.clock.runFor(2000)
    expect(await called).toMatchObject([{ error: { code: 'SignInNotBegun', outcome: 'not-sent' } }])
    expect(popup.isClosed()).toBe(false)
  })

  it('sends nothing to an opener of another site', async () => {
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
    await popup.waitForFunction('globalThis.pds')
    expect(await call(popup, complete)).toMatchObject([{ error: { code: 'SignInNotBegun' } }])
    // Messages keep their order: an earlier message would arrive first.
    await popup.evaluate(() => opener.postMessage('last', '*'))
    await page.waitForFunction('messages.length > 0')
    expect(await page.evaluate('messages')).toEqual(['last'])
    expect(popup.isClosed()).toBe(false)
    await elsewhere.close()
  })
})
