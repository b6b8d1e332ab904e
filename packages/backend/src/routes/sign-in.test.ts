import { createBackend } from '@pds/backend'
import { memoryStore } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  origin,
  secret,
  startTestBackend,
  type TestBackend,
  TestBrowser,
} from '../test/test-backend.test-helper.ts'

const sessionCookie = '__Host-pds'
const signInCookie = '__Host-pds-sign-in'
const minute = 60_000

let domain: TestBackend

beforeEach(async () => {
  domain = await startTestBackend()
})

afterEach(() => domain.close())

const problem = async (response: Response) => ({ status: response.status, body: await response.json() })
const tokenOf = async (browser: TestBrowser) => (await browser.post('/pds/token')).json()
const countOf = (path: string) => domain.emulator.requests.filter((request) => request.path === path).length
const exchanges = () => countOf('/v2/oauth/token')

describe('the start of a sign-in', () => {
  it('redirects to the sign-in page with a new state and PKCE', async () => {
    const browser = new TestBrowser(domain.signIn())
    const [one, other] = [await browser.open('/pds/sign-in'), await browser.open('/pds/sign-in')]
    expect(one.status).toBe(303)
    const url = new URL(one.headers.get('location') ?? '')
    expect(url.href.startsWith(`${domain.transport.authorization_endpoint}?`)).toBe(true)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'web-app',
      redirect_uri: `${origin}/pds/callback`,
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    })
    const otherUrl = new URL(other.headers.get('location') ?? '')
    expect(otherUrl.searchParams.get('state')).not.toBe(url.searchParams.get('state'))
  })

  it('stores the sign-in in a cookie of ten minutes that scripts cannot read', async () => {
    const browser = new TestBrowser(domain.signIn())
    await browser.open('/pds/sign-in')
    expect(browser.setCookies).toEqual([
      expect.stringMatching(
        /^__Host-pds-sign-in=[\w.-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
      ),
    ])
  })

  it('keeps the state and the code verifier out of reach of the cookie’s reader', async () => {
    const browser = new TestBrowser(domain.signIn())
    const started = await browser.open('/pds/sign-in?returnTo=/secret-place')
    const state = new URL(started.headers.get('location') ?? '').searchParams.get('state') ?? ''
    const cookie = browser.cookies.get(signInCookie) ?? ''
    const [header = '', key = '', , encrypted = ''] = cookie.split('.')
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'dir', enc: 'A256GCM' })
    expect(key).toBe('')
    const readable = Buffer.from(encrypted, 'base64url').toString('latin1')
    expect(cookie + readable).not.toContain(state)
    expect(readable).not.toContain('secret-place')
  })

  it('passes on the parameters of the application', async () => {
    const signIn = {
      transport: domain.transport,
      client_id: 'web-app',
      redirect_uri: `${origin}/pds/callback`,
      scope: 'FILE.ALL',
      prompt: 'consent',
    }
    const browser = new TestBrowser(domain.signIn({ signIn }))
    const url = new URL((await browser.open('/pds/sign-in')).headers.get('location') ?? '')
    expect(Object.fromEntries(url.searchParams)).toMatchObject({ scope: 'FILE.ALL', prompt: 'consent' })
  })

  it.each([
    ['https://evil.example/'],
    ['//evil.example'],
    ['/\\evil.example'],
    ['\\\\evil.example'],
    ['/\t/evil.example'],
    [`https://app.example.com.evil.example/`],
    [`https://app.example.com@evil.example/`],
    ['javascript:alert(1)'],
    ['data:text/html,x'],
    [`blob:${origin}/1`],
    ['http://app.example.com/'],
    [`/${'a'.repeat(2048)}`],
    ['//'],
    [`${origin}//evil.example`],
  ])('rejects the returnTo %j (open redirect)', async (returnTo) => {
    const browser = new TestBrowser(domain.signIn())
    const response = await browser.open(`/pds/sign-in?returnTo=${encodeURIComponent(returnTo)}`)
    expect(await problem(response)).toEqual({ status: 400, body: { code: 'InvalidParameter' } })
    expect(browser.setCookies).toEqual([])
  })

  it.each([
    ['', '/'],
    ['?returnTo=', '/'],
    ['?returnTo=/a/../b', '/b'],
    ['?returnTo=photos', '/photos'],
    [`?returnTo=${encodeURIComponent(`${origin}/a?b=c#d`)}`, '/a?b=c#d'],
    [`?returnTo=${encodeURIComponent('/相册')}`, '/%E7%9B%B8%E5%86%8C'],
    [`?returnTo=/${'a'.repeat(2047)}`, `/${'a'.repeat(2047)}`],
  ])('returns from %j to %j', async (query, expected) => {
    const browser = new TestBrowser(domain.signIn())
    const response = await browser.signIn(`/pds/sign-in${query}`)
    expect(response.headers.get('location')).toBe(expected)
  })

  it('rejects two values of returnTo', async () => {
    const browser = new TestBrowser(domain.signIn())
    expect((await browser.open('/pds/sign-in?returnTo=/a&returnTo=/b')).status).toBe(400)
  })

  it.each(['image', 'iframe', 'empty', 'script'])(
    'rejects a request for the destination %s',
    async (dest) => {
      const browser = new TestBrowser(domain.signIn())
      const response = await browser.open('/pds/sign-in', { 'sec-fetch-dest': dest })
      expect(await problem(response)).toEqual({ status: 403, body: { code: 'ForeignOrigin' } })
    },
  )

  it('accepts a link of another site', async () => {
    const browser = new TestBrowser(domain.signIn())
    expect((await browser.open('/pds/sign-in', { 'sec-fetch-site': 'cross-site' })).status).toBe(303)
  })
})

describe('the callback', () => {
  it('starts a session and returns to the page of returnTo', async () => {
    const browser = new TestBrowser(domain.signIn())
    const response = await browser.signIn('/pds/sign-in?returnTo=/photos%3Fyear=2026')
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/photos?year=2026')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    expect(await response.text()).toBe('')
    expect(await tokenOf(browser)).toMatchObject({ user_id: 'user-1', expires_in: expect.closeTo(7200, -1) })
    expect(domain.errors).toEqual([])
  })

  it('sets a cookie for the session and removes that of the sign-in', async () => {
    const browser = new TestBrowser(domain.signIn())
    await browser.signIn()
    expect(browser.setCookies.slice(1)).toEqual([
      expect.stringMatching(/^__Host-pds=[\w.-]+; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure$/),
      '__Host-pds-sign-in=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
    ])
    expect([...browser.cookies.keys()]).toEqual([sessionCookie])
  })

  it('puts no token into a cookie or a response', async () => {
    const browser = new TestBrowser(domain.signIn())
    const response = await browser.signIn()
    const issued = domain.emulator.requests.flatMap(({ response }) => Object.values(Object(response)))
    expect(issued.length).toBeGreaterThan(2)
    const seen = JSON.stringify([...browser.setCookies, [...response.headers]])
    const { access_token } = await tokenOf(browser)
    expect(seen).not.toContain(access_token)
    expect(seen).not.toContain('refresh')
  })

  it('gives two devices two sessions', async () => {
    const pds = domain.signIn()
    const [phone, laptop] = [new TestBrowser(pds), new TestBrowser(pds)]
    await phone.signIn()
    await laptop.signIn()
    const [one, other] = [await tokenOf(phone), await tokenOf(laptop)]
    expect(one.access_token).not.toBe(other.access_token)
    await phone.post('/pds/sign-out')
    expect((await phone.post('/pds/token')).status).toBe(401)
    expect(await tokenOf(laptop)).toMatchObject({ access_token: other.access_token })
  })

  it('starts a session with a new key at each sign-in, and ends the one before (session fixation)', async () => {
    const store = memoryStore()
    const pds = domain.signIn({ sessions: domain.oauthSessions({ store }) })
    const browser = new TestBrowser(pds)
    await browser.signIn()
    const before = new TestBrowser(pds)
    before.cookies.set(sessionCookie, browser.cookies.get(sessionCookie) ?? '')
    const { access_token } = await tokenOf(before)
    await browser.signIn()
    expect(browser.cookies.get(sessionCookie)).not.toBe(before.cookies.get(sessionCookie))
    expect((await tokenOf(browser)).access_token).not.toBe(access_token)
    expect(await problem(await before.post('/pds/token'))).toEqual({
      status: 401,
      body: { code: 'LoginRequired' },
    })
    expect(countOf('/v2/account/revoke')).toBe(1)
  })

  it('works although the session before cannot be ended', async () => {
    const sessions = domain.oauthSessions()
    const browser = new TestBrowser(domain.signIn({ sessions }))
    await browser.signIn()
    domain.emulator.injectFault({ type: 'status', status: 500, path: '/v2/account/revoke', times: 5 })
    expect((await browser.signIn()).status).toBe(303)
    expect(await tokenOf(browser)).toMatchObject({ user_id: 'user-1' })
  })

  it('rejects a forged callback, and keeps the sign-in that is under way (CSRF)', async () => {
    const browser = new TestBrowser(domain.signIn())
    const callback = await browser.authorize()
    const code = domain.emulator.createCode({ client_id: 'web-app' })
    const forged = await browser.open(`/pds/callback?code=${code}&state=${'x'.repeat(43)}`)
    expect(await problem(forged)).toEqual({ status: 400, body: { code: 'StateMismatch' } })
    expect((await browser.open(`/pds/callback?code=${code}`)).status).toBe(400)
    expect(exchanges()).toBe(0)
    expect((await browser.open(callback)).status).toBe(303)
  })

  it('rejects a callback without a sign-in in this browser (login CSRF)', async () => {
    const pds = domain.signIn()
    const callback = await new TestBrowser(pds).authorize()
    const victim = new TestBrowser(pds)
    expect(await problem(await victim.open(callback))).toEqual({
      status: 400,
      body: { code: 'SignInNotBegun' },
    })
    expect(victim.cookies.size).toBe(0)
    expect(exchanges()).toBe(0)
  })

  it('rejects the callback of another user’s sign-in, also if that browser has one (cookie swap)', async () => {
    const pds = domain.signIn()
    const [attacker, victim] = [new TestBrowser(pds), new TestBrowser(pds)]
    const callback = await attacker.authorize('/pds/sign-in', 'user-2')
    await victim.authorize()
    expect(await problem(await victim.open(callback))).toEqual({
      status: 400,
      body: { code: 'StateMismatch' },
    })
    expect(victim.cookies.has(sessionCookie)).toBe(false)
    expect(exchanges()).toBe(0)
  })

  it('rejects the session’s cookie in the place of the sign-in’s, and the reverse', async () => {
    const pds = domain.signIn()
    const browser = new TestBrowser(pds)
    await browser.signIn()
    const callback = await browser.authorize()
    const [session = '', signIn = ''] = [sessionCookie, signInCookie].map((name) => browser.cookies.get(name))
    browser.cookies.set(sessionCookie, signIn)
    browser.cookies.set(signInCookie, session)
    expect((await browser.post('/pds/token')).status).toBe(401)
    expect((await browser.open(callback)).status).toBe(400)
  })

  it('rejects a replayed callback', async () => {
    const browser = new TestBrowser(domain.signIn())
    const callback = await browser.authorize()
    const cookie = browser.cookies.get(signInCookie) ?? ''
    expect((await browser.open(callback)).status).toBe(303)
    const { access_token } = await tokenOf(browser)
    expect(await problem(await browser.open(callback))).toEqual({
      status: 400,
      body: { code: 'SignInNotBegun' },
    })
    // Even with the old cookie: the service accepts a code once.
    browser.cookies.set(signInCookie, cookie)
    expect((await browser.open(callback)).status).toBe(502)
    expect((await tokenOf(browser)).access_token).toBe(access_token)
  })

  it('rejects a sign-in that took longer than ten minutes', async () => {
    const browser = new TestBrowser(domain.signIn())
    const callback = await browser.authorize()
    domain.emulator.clock.advance(10 * minute + 1000)
    expect(await problem(await browser.open(callback))).toEqual({
      status: 400,
      body: { code: 'SignInNotBegun' },
    })
  })

  it('completes the sign-ins of three tabs in any order', async () => {
    const browser = new TestBrowser(domain.signIn())
    const callbacks: string[] = []
    for (const tab of ['a', 'b', 'c'])
      callbacks.push(await browser.authorize(`/pds/sign-in?returnTo=/${tab}`))
    const locations: unknown[] = []
    for (const callback of [callbacks[1], callbacks[2], callbacks[0]]) {
      locations.push((await browser.open(callback ?? '')).headers.get('location'))
    }
    expect(locations).toEqual(['/b', '/c', '/a'])
    expect([...browser.cookies.keys()]).toEqual([sessionCookie])
  })

  it('keeps the cookie small: it drops the oldest sign-ins', async () => {
    const browser = new TestBrowser(domain.signIn())
    const long = 'a'.repeat(2000)
    const callbacks: string[] = []
    for (const tab of ['a', 'b', 'c', 'd']) {
      callbacks.push(await browser.authorize(`/pds/sign-in?returnTo=/${tab}${long}`))
      expect(browser.setCookies.at(-1)?.length).toBeLessThan(4096)
    }
    expect((await browser.open(callbacks[0] ?? '')).status).toBe(400)
    expect((await browser.open(callbacks[3] ?? '')).headers.get('location')).toBe(`/d${long}`)
  })

  it('reports a user who did not allow access', async () => {
    const browser = new TestBrowser(domain.signIn())
    const { searchParams } = new URL(await browser.authorize())
    const denied = await browser.open(`/pds/callback?error=access_denied&state=${searchParams.get('state')}`)
    expect(await problem(denied)).toEqual({ status: 403, body: { code: 'access_denied' } })
    expect(browser.cookies.size).toBe(0)
  })

  it('can be reloaded if the code was not spent', async () => {
    const browser = new TestBrowser(domain.signIn())
    const callback = await browser.authorize()
    domain.emulator.injectFault({ type: 'status', status: 503, path: '/v2/oauth/token' })
    const failed = await browser.open(callback)
    expect(failed.status).toBe(503)
    expect(failed.headers.get('retry-after')).toMatch(/^\d+$/)
    expect((await browser.open(callback)).status).toBe(303)
    expect(await tokenOf(browser)).toMatchObject({ user_id: 'user-1' })
  })

  it('reports the request id of the service, and nothing else of its error', async () => {
    const browser = new TestBrowser(domain.signIn())
    const callback = await browser.authorize()
    const { state } = Object.fromEntries(new URL(callback).searchParams)
    const response = await browser.open(`/pds/callback?code=unknown&state=${state}`)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await problem(response)).toEqual({
      status: 502,
      body: { code: expect.any(String), reqId: expect.any(String) },
    })
    expect(domain.errors).toMatchObject([{ name: 'PDSError', status: 400 }])
  })

  it('redirects to the page for errors, if there is one', async () => {
    const signIn = {
      transport: domain.transport,
      client_id: 'web-app',
      client_secret: 'web-secret',
      redirect_uri: `${origin}/pds/callback`,
      errorPath: '/sign-in-failed?from=pds',
    }
    const browser = new TestBrowser(domain.signIn({ signIn }))
    const { searchParams } = new URL(await browser.authorize())
    const denied = await browser.open(`/pds/callback?error=access_denied&state=${searchParams.get('state')}`)
    expect(denied.status).toBe(303)
    expect(denied.headers.get('location')).toBe('/sign-in-failed?from=pds&code=access_denied')
    expect((await browser.post('/pds/token')).status).toBe(401)
  })

  it('does not start a session if the store fails, and says so', async () => {
    const store = { ...memoryStore(), compareAndSet: () => Promise.reject(new Error('disk full')) }
    const browser = new TestBrowser(domain.signIn({ sessions: domain.oauthSessions({ store }) }))
    const response = await browser.signIn()
    expect(await problem(response)).toEqual({ status: 500, body: { code: 'StoreFailed' } })
    expect(browser.cookies.size).toBe(0)
    expect(domain.errors).toMatchObject([{ code: 'StoreFailed' }])
  })

  it('responds to the path of the redirect URI wherever it is', async () => {
    const other = await startTestBackend(`${origin}/auth/done`)
    const browser = new TestBrowser(other.signIn())
    const callback = await browser.authorize()
    expect(new URL(callback).pathname).toBe('/auth/done')
    expect((await browser.open(callback)).status).toBe(303)
    expect((await browser.open('/pds/callback')).status).toBe(404)
    await other.close()
  })

  it('rejects a request that is no navigation, as of an image or a frame', async () => {
    const browser = new TestBrowser(domain.signIn())
    const callback = await browser.authorize()
    expect((await browser.open(callback, { 'sec-fetch-dest': 'iframe' })).status).toBe(403)
    expect(exchanges()).toBe(0)
  })
})

describe('cookies', () => {
  it('of http: on this machine have no prefix, are not secure, and say so in their names', async () => {
    const base = 'http://localhost:3000'
    const local = await startTestBackend(`${base}/pds/callback`)
    const browser = new TestBrowser(local.signIn(), {}, base)
    await browser.signIn()
    expect(browser.setCookies).toHaveLength(3)
    for (const cookie of browser.setCookies) {
      expect(cookie).toMatch(
        /^pds-loopback(-sign-in)?=[\w.-]*; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/,
      )
    }
    expect(await tokenOf(browser)).toMatchObject({ user_id: 'user-1' })
    await local.close()
  })

  it('without the prefix are ignored over https: (downgrade)', async () => {
    const browser = new TestBrowser(domain.signIn())
    await browser.signIn()
    const cookie = browser.cookies.get(sessionCookie) ?? ''
    browser.cookies.clear()
    for (const name of ['pds', 'pds-loopback', '__Secure-pds', '__host-pds'])
      browser.cookies.set(name, cookie)
    expect((await browser.post('/pds/token')).status).toBe(401)
  })

  it('of another application, another server or another secret are ignored', async () => {
    const sessions = domain.oauthSessions()
    const signIn = {
      transport: domain.transport,
      client_id: 'web-app',
      redirect_uri: `${origin}/pds/callback`,
    }
    const browser = new TestBrowser(domain.signIn({ sessions }))
    await browser.signIn()
    const statusOf = async (options: object) => {
      const other = new TestBrowser(domain.signIn({ sessions, ...options }))
      other.cookies.set(sessionCookie, browser.cookies.get(sessionCookie) ?? '')
      return (await other.post('/pds/token')).status
    }
    const otherServer = { ...domain.transport, authorization_endpoint: 'https://other.example/authorize' }
    expect(await statusOf({ signIn })).toBe(200)
    expect(await statusOf({ signIn: { ...signIn, client_id: 'other-app' } })).toBe(401)
    expect(await statusOf({ signIn: { ...signIn, transport: otherServer } })).toBe(401)
    expect(await statusOf({ cookie: { secret: `another ${secret}` } })).toBe(401)
  })

  it('are encrypted with the first secret and read with all of them', async () => {
    const sessions = domain.oauthSessions()
    const [old, current] = ['old '.repeat(10), 'new '.repeat(10)]
    const withSecrets = (...secrets: string[]) => domain.signIn({ sessions, cookie: { secret: secrets } })
    const browser = new TestBrowser(withSecrets(old))
    await browser.signIn()
    const cookie = browser.cookies.get(sessionCookie) ?? ''
    const statusOf = async (pds: ReturnType<typeof withSecrets>, value: string) => {
      const other = new TestBrowser(pds)
      other.cookies.set(sessionCookie, value)
      return (await other.post('/pds/token')).status
    }
    expect(await statusOf(withSecrets(current, old), cookie)).toBe(200)
    expect(await statusOf(withSecrets(current), cookie)).toBe(401)
    const rotated = new TestBrowser(withSecrets(current, old))
    await rotated.signIn()
    expect(await statusOf(withSecrets(current), rotated.cookies.get(sessionCookie) ?? '')).toBe(200)
  })

  it('of a session end after maxAge, by the clock of the server', async () => {
    const browser = new TestBrowser(domain.signIn({ cookie: { secret, maxAge: 3600, name: 'drive' } }))
    await browser.signIn()
    expect(browser.setCookies[1]).toMatch(/^__Host-drive=.*; Max-Age=3600;/)
    domain.emulator.clock.advance(3_599_000)
    expect((await browser.post('/pds/token')).status).toBe(200)
    domain.emulator.clock.advance(2000)
    expect((await browser.post('/pds/token')).status).toBe(401)
  })

  it.each(['', 'x', 'a.b.c.d.e', '%00', '.'.repeat(4000)])('with the value %j are ignored', async (value) => {
    const browser = new TestBrowser(domain.signIn())
    browser.cookies.set(sessionCookie, value)
    expect((await browser.post('/pds/token')).status).toBe(401)
    browser.cookies.set(signInCookie, value)
    expect((await browser.open('/pds/callback?code=c&state=s')).status).toBe(400)
  })

  it('survive a restart of the server that keeps the store', async () => {
    const store = memoryStore()
    const start = () => domain.signIn({ sessions: domain.oauthSessions({ store }) })
    const browser = new TestBrowser(start())
    await browser.signIn()
    const { access_token } = await tokenOf(browser)
    const restarted = new TestBrowser(start())
    for (const [name, value] of browser.cookies) restarted.cookies.set(name, value)
    expect((await tokenOf(restarted)).access_token).toBe(access_token)
  })
})

it('is not there for a back end with its own login', async () => {
  const browser = new TestBrowser(domain.ownLogin())
  expect((await browser.open('/pds/sign-in')).status).toBe(404)
  expect((await browser.open('/pds/callback?code=c&state=s')).status).toBe(404)
  expect(() =>
    createBackend({ sessions: domain.jwtSessions(), userOf: () => 'u', cookie: { secret } } as never),
  ).toThrow('cookie')
})
