import { type Browser, browserIsMissing, launchBrowser, type Page, servePages } from 'shared/browser'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  call,
  type PageCall,
  type PageGlobals,
  type Result,
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
    const signedIn = { status: 'completed', token: { user_id: 'user-1' } }
    expect(await call(page, { ...complete, times: 2 })).toMatchObject([signedIn, signedIn])
    expect(await call(page, complete)).toEqual([{ status: 'already-handled' }])
    await page.reload()
    expect(await call(page, complete)).toEqual([{ status: 'no-callback' }])
    await page.goBack()
    expect(page.url()).toBe(`${site.origin}/start`)
    await page.goForward()
    expect(page.url()).toBe(site.redirect_uri)
    expect(await call(page, complete)).toEqual([{ status: 'no-callback' }])
    expect(exchangeCount()).toBe(1)
  })

  it('returns no-callback if the URL has no code and no error', async () => {
    const noCallback = { status: 'no-callback' }
    expect(await call(page, complete)).toEqual([noCallback])
    await page.goto(`${site.redirect_uri}&state=canary`)
    expect(await call(page, complete)).toEqual([noCallback])
    expect(await call(page, { ...complete, times: 2 })).toEqual([noCallback, noCallback])
    expect(page.url()).toBe(`${site.redirect_uri}&state=canary`)
  })

  /** Calls completeSignIn with a callback that no request waits for, while no page waits for a popup. */
  async function completeUnknown(): Promise<Result[]> {
    await page.clock.install()
    const called = call(page, complete)
    // The URL is clean: the call waits for a page with a popup now.
    await page.waitForURL(site.redirect_uri)
    await page.clock.runFor(2000)
    return called
  }

  it('rejects with SignInNotBegun in a tab without a request for the state', async () => {
    for (const response of ['code=canary&state=canary', 'error=access_denied', 'code=canary']) {
      await page.goto(`${site.redirect_uri}&${response}`)
      const [{ error } = {}] = await completeUnknown()
      expect(error).toMatchObject({ code: 'SignInNotBegun', outcome: 'not-sent' })
      expect(error?.message).not.toContain('canary')
      expect(page.url()).toBe(site.redirect_uri)
      expect(await call(page, complete)).toEqual([{ status: 'already-handled' }])
    }
  })

  it('stays pending when the callback of another sign-in arrives', async () => {
    const address = await signIn()
    await page.goto(`${site.redirect_uri}&code=canary&state=canary`)
    expect(await completeUnknown()).toMatchObject([{ error: { code: 'SignInNotBegun' } }])
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
    expect(await completeUnknown()).toMatchObject([{ error: { code: 'SignInNotBegun' } }])
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
      expect(await completeUnknown()).toMatchObject([{ error: { code: 'SignInNotBegun' } }])
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

  it('rejects with SignInNotBegun in a window of another page, to which it sends nothing', async () => {
    const elsewhere = await servePages('')
    const context = page.context()
    await context.addInitScript(() => {
      Object.assign(window, { messages: [] as unknown[] })
      addEventListener('message', ({ data }) =>
        (window as unknown as { messages: unknown[] }).messages.push(data),
      )
    })
    for (const origin of [site.origin, elsewhere.origin]) {
      const opener = await context.newPage()
      await opener.goto(origin)
      const opened = opener.waitForEvent('popup')
      await opener.evaluate((url) => void open(url), `${site.redirect_uri}&code=canary&state=canary`)
      page = await opened
      await page.waitForFunction('globalThis.pds')
      expect(await completeUnknown()).toMatchObject([
        { error: { code: 'SignInNotBegun', outcome: 'not-sent' } },
      ])
      // Messages keep their order: an earlier message would arrive first.
      await page.evaluate(() => window.opener.postMessage('last', '*'))
      await opener.waitForFunction('messages.length > 0')
      expect(await opener.evaluate('messages')).toEqual(['last'])
      expect(page.isClosed()).toBe(false)
    }
    await elsewhere.close()
  })

  it('returns returnTo and appState, which it does not send', async () => {
    const appState = { draft: ['a', 1, null], 'a key': true }
    const sent: string[] = []
    page.on('request', (request) => sent.push(request.url() + request.postData()))
    const returned = { returnTo: '/photos?album=7#last', appState }
    const address = await signIn({ params: { ...site.params, ...returned } })
    expect(address).not.toMatch(/album|draft/)
    // They survive a failure, too.
    expect(await call(page, { ...complete, aborted: true })).toMatchObject([{ error: { code: 'Aborted' } }])
    expect(await call(page, complete)).toMatchObject([{ status: 'completed', ...returned }])
    expect(sent.join()).toContain('code_challenge')
    expect(sent.join()).not.toMatch(/album|draft/)
    expect(await stored(page)).toEqual(nothing)
  })

  it.each([
    ['/', null],
    ['', 0],
    ['photos', 'a text'],
    ['/.//elsewhere.test', false],
    ['?next=https://elsewhere.test', []],
  ])('accepts the returnTo %j and the appState %j', async (returnTo, appState) => {
    await signIn({ params: { ...site.params, returnTo, appState } })
    expect(await call(page, complete)).toMatchObject([{ returnTo, appState }])
  })

  it('accepts a URL of its origin as returnTo', async () => {
    const returnTo = `${site.origin}/photos`
    await signIn({ params: { ...site.params, returnTo } })
    expect(await call(page, complete)).toMatchObject([{ returnTo }])
  })

  const foreign = [
    'https://elsewhere.test/',
    '//elsewhere.test',
    '/\\elsewhere.test',
    '\\\\elsewhere.test',
    ' //elsewhere.test',
    '/\t/elsewhere.test',
    'javascript:alert(1)',
    'data:text/html,x',
    'mailto:a@elsewhere.test',
    7,
    null,
    ['/'],
  ]

  it('rejects a returnTo of another origin, before it navigates and after it returns', async () => {
    const { origin, host } = new URL(site.origin)
    const others = [
      ...foreign,
      `${origin}.elsewhere.test/`,
      `http://user@${host}/`,
      `http://127.0.0.1:1/`,
      `blob:${origin}/0`,
    ]
    const invalid = [
      {
        error: {
          code: 'InvalidParameter',
          outcome: 'not-sent',
          message: expect.stringContaining('returnTo must be a path or URL of this origin'),
        },
      },
    ]
    const address = await signIn()
    const pending = JSON.parse(await page.evaluate(() => sessionStorage.getItem('pds.sign-in') ?? ''))
    for (const other of others) {
      const returnTo = other as string
      await page.goto(`${site.origin}/start`)
      const begin: PageCall = {
        name: 'signInWithRedirect',
        transport: site.transport,
        params: { ...site.params, returnTo },
      }
      expect(await call(page, begin), returnTo).toMatchObject(invalid)
      expect(page.url()).toBe(`${site.origin}/start`)

      const text = JSON.stringify({ ...pending, returnTo })
      await page.evaluate((text) => sessionStorage.setItem('pds.sign-in', text), text)
      await page.goto(address)
      expect(await call(page, complete), returnTo).toMatchObject(invalid)
      expect(page.url()).toBe(site.redirect_uri)
      expect(await stored(page)).toEqual(nothing)
    }
    expect(exchangeCount()).toBe(0)
  })

  it('rejects an appState that is not JSON', async () => {
    const { transport, params } = site
    const message = await page.evaluate(
      async ([config, params]) => {
        const { pds } = globalThis as unknown as PageGlobals
        const circular: unknown[] = []
        circular.push(circular)
        return pds
          .signInWithRedirect(pds.createTransport(config), { ...params, appState: circular })
          .then(String, (error) => `${error.code}: ${error.message}`)
      },
      [transport, params] as const,
    )
    expect(message).toBe('InvalidParameter: signInWithRedirect: appState must be a JSON value')
    expect(await stored(page)).toEqual(nothing)
  })

  it('gives concurrent calls the same promise', async () => {
    await signIn()
    const results = await page.evaluate(async (config) => {
      const { pds } = globalThis as unknown as PageGlobals
      const calls = [1, 2].map(() => pds.completeSignIn(pds.createTransport(config)))
      const [first, second] = calls
      return { isSame: first === second, statuses: (await Promise.all(calls)).map(({ status }) => status) }
    }, site.transport)
    expect(results).toEqual({ isSame: true, statuses: ['completed', 'completed'] })
  })

  it('completes if the signal of the first call is aborted at once, as in the cleanup of an effect', async () => {
    await signIn()
    const results = await page.evaluate(async (config) => {
      const { pds } = globalThis as unknown as PageGlobals
      const transport = pds.createTransport(config)
      const controller = new AbortController()
      const first = pds.completeSignIn(transport, { signal: controller.signal })
      controller.abort()
      const second = pds.completeSignIn(transport)
      return [(await first).status, first === second]
    }, site.transport)
    expect(results).toEqual(['completed', true])
    expect(exchangeCount()).toBe(1)
  })

  it('is aborted by the signal of the last call, and can be completed then', async () => {
    await signIn()
    const results = await page.evaluate(async (config) => {
      const { pds } = globalThis as unknown as PageGlobals
      const transport = pds.createTransport(config)
      const first = pds.completeSignIn(transport).catch(({ code }) => code)
      pds.completeSignIn(transport, { signal: AbortSignal.abort() })
      return [await first, (await pds.completeSignIn(transport)).status]
    }, site.transport)
    expect(results).toEqual(['Aborted', 'completed'])
    expect(exchangeCount()).toBe(1)
  })
})
