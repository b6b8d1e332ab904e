import { createBackend } from '@pds/backend'
import { createSessions } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  origin,
  secret,
  startTestBackend,
  type TestBackend,
  TestBrowser,
} from './test/test-backend.test-helper.ts'

let domain: TestBackend

beforeEach(async () => {
  domain = await startTestBackend()
})

afterEach(() => domain.close())

const sessions = createSessions({ grant: () => ({ obtain: () => ({ access_token: 'a', expires_in: 60 }) }) })
const userOf = () => 'ann'

describe('createBackend rejects', () => {
  const transport = { post: () => undefined, token_endpoint: 'https://a.test/token' }
  const signIn = { transport, client_id: 'c', redirect_uri: 'https://app.test/pds/callback' }
  const cookie = { secret }
  it.each([
    [null, 'options must be a plain object'],
    [{}, 'sessions is required: the result of createSessions'],
    [{ sessions: {}, userOf }, 'sessions must be the result of createSessions (received an object)'],
    [{ sessions }, 'pass either userOf'],
    [{ sessions, userOf, signIn, cookie }, 'pass either userOf'],
    [{ sessions, userOf: 'ann' }, 'userOf must be a function (received a string)'],
    [{ sessions, userOf, cookie }, 'cookie needs signIn'],
    [{ sessions, userOf, basepath: '/x' }, 'basepath is not supported: did you mean basePath?'],
    [{ sessions, userOf, basePath: 'pds' }, 'basePath must be a path that starts with /'],
    [{ sessions, userOf, basePath: '/pds/' }, 'basePath must be a path'],
    [{ sessions, userOf, basePath: '/' }, 'basePath must be a path'],
    [{ sessions, userOf, origin: 'https://app.test/' }, 'origin must be an origin without a path'],
    [{ sessions, userOf, origin: 'http://app.test' }, 'origin is http://app.test'],
    [{ sessions, userOf, origins: 'https://app.test' }, 'origins must be an array of origins'],
    [{ sessions, userOf, origins: ['*'] }, 'origins must start with https://'],
    [{ sessions, userOf, origins: ['https://app.test/x'] }, 'origins must be an origin without a path'],
    [{ sessions, userOf, onError: true }, 'onError must be a function'],
    [{ sessions, signIn: true, cookie }, 'signIn must be a plain object'],
    [{ sessions, signIn: { ...signIn, transport: {} }, cookie }, 'signIn.transport must be the result of'],
    [
      { sessions, signIn: { ...signIn, client_id: '' }, cookie },
      'signIn.client_id must be a non-empty string',
    ],
    [
      { sessions, signIn: { ...signIn, redirect_uri: '/x' }, cookie },
      'signIn.redirect_uri must be an absolute',
    ],
    [{ sessions, signIn: { ...signIn, redirect_uri: 'app:/x' }, cookie }, 'signIn.redirect_uri must be'],
    [
      { sessions, signIn: { ...signIn, redirect_uri: 'http://app.test/x' }, cookie },
      'signIn.redirect_uri is http://app.test: use https: outside of this machine',
    ],
    [{ sessions, signIn: { ...signIn, state: 'x' }, cookie }, 'signIn.state is not supported'],
    [{ sessions, signIn: { ...signIn, pkce: false }, cookie }, 'signIn.pkce is not supported'],
    [
      { sessions, signIn: { ...signIn, errorPath: '//evil.test' }, cookie },
      'signIn.errorPath must be a path',
    ],
    [
      { sessions, signIn: { ...signIn, errorPath: '/\\evil.test' }, cookie },
      'signIn.errorPath must be a path',
    ],
    [
      { sessions, signIn, cookie, origin: 'https://other.test' },
      'origin must be the origin of signIn.redirect_uri',
    ],
    [{ sessions, signIn }, 'cookie.secret is required: at least 32 random bytes'],
    [{ sessions, signIn, cookie: {} }, 'cookie.secret is required'],
    [{ sessions, signIn, cookie: { secret: undefined } }, 'cookie.secret is required'],
    [{ sessions, signIn, cookie: { secret: [] } }, 'cookie.secret is required'],
    [{ sessions, signIn, cookie: { secret: [secret, undefined] } }, 'cookie.secret is required'],
    [{ sessions, signIn, cookie: { secret: 'short' } }, 'cookie.secret must be at least 32 random bytes'],
    [{ sessions, signIn, cookie: { secret: new Uint8Array(31) } }, 'cookie.secret must be at least 32'],
    [{ sessions, signIn, cookie: { secret: 5 } }, 'cookie.secret must be at least 32'],
    [{ sessions, signIn, cookie: { secret, name: 'a b' } }, 'cookie.name must be a name of letters'],
    [{ sessions, signIn, cookie: { secret, maxAge: -1 } }, 'cookie.maxAge must be a non-negative integer'],
    [{ sessions, signIn, cookie: { secret, sameSite: 'none' } }, 'cookie.sameSite is not supported'],
  ])('%j', (options, message) => {
    expect(() => createBackend(options as never)).toThrow(message)
  })

  it('a redirect URI with the path of another route', () => {
    const signIn = {
      transport: domain.transport,
      client_id: 'web-app',
      redirect_uri: `${origin}/pds/token`,
    }
    expect(() => domain.signIn({ signIn })).toThrow(
      'signIn.redirect_uri has the path of the route /pds/token',
    )
  })

  it('no secret in its errors', () => {
    const secret = 'short-but-secret'
    try {
      domain.signIn({ cookie: { secret } })
      expect.unreachable()
    } catch (error) {
      expect(String(error) + JSON.stringify(error)).not.toContain(secret)
    }
  })
})

describe('options in a function', () => {
  it('are read at the first request', async () => {
    const options = vi.fn(() => ({ sessions, userOf }))
    const pds = createBackend(options)
    expect(options).not.toHaveBeenCalled()
    const browser = new TestBrowser(pds)
    expect((await browser.post('/pds/token')).status).toBe(200)
    await pds.sessionOf(new Headers())
    expect(pds.sessions).toBe(sessions)
    expect(options).toHaveBeenCalledTimes(1)
  })

  it('throw at each request while they are invalid', async () => {
    let secret: string | undefined
    const options = () => ({
      sessions,
      signIn: { transport: domain.transport, client_id: 'c', redirect_uri: `${origin}/pds/callback` },
      cookie: { secret },
    })
    const pds = createBackend(options)
    const browser = new TestBrowser(pds)
    await expect(browser.open('/pds/sign-in')).rejects.toThrow('cookie.secret is required')
    await expect(pds.sessionOf(new Headers())).rejects.toThrow('cookie.secret is required')
    expect(() => pds.sessions).toThrow('cookie.secret is required')
    secret = 'x'.repeat(32)
    expect((await browser.open('/pds/sign-in')).status).toBe(303)
  })
})

describe('handle', () => {
  it.each([
    ['/pds', 404],
    ['/pds/', 404],
    ['/pds/token/', 404],
    ['/pds/%74oken', 404],
    ['/token', 404],
    ['/pds/sign-in', 404],
  ])('responds to POST %s with %i', async (path, status) => {
    expect((await new TestBrowser(createBackend({ sessions, userOf })).post(path)).status).toBe(status)
  })

  it.each([
    ['GET', '/pds/token', 'POST'],
    ['PUT', '/pds/token', 'POST'],
    ['OPTIONS', '/pds/token', 'POST'],
    ['DELETE', '/pds/sign-out', 'POST'],
    ['GET', '/pds/sign-out', 'POST'],
    ['POST', '/pds/sign-in', 'GET'],
    ['HEAD', '/pds/sign-in', 'GET'],
    ['POST', '/pds/callback', 'GET'],
  ])('rejects %s %s and allows %s', async (method, path, allow) => {
    const response = await domain.signIn().handle(new Request(origin + path, { method }))
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow])
    expect(await response.text()).toBe('{"code":"MethodNotAllowed"}')
  })

  it('uses the path of the option', async () => {
    const browser = new TestBrowser(createBackend({ sessions, userOf, basePath: '/api/drive' }))
    expect((await browser.post('/api/drive/token')).status).toBe(200)
    expect((await browser.post('/pds/token')).status).toBe(404)
  })

  it.each(['/pds/token', '/pds/sign-out'])('rejects a POST of another site to %s (CSRF)', async (path) => {
    const grant = vi.fn(() => ({ obtain: () => ({ access_token: 'a' }) }))
    const user = vi.fn(userOf)
    const pds = createBackend({ sessions: createSessions({ grant }), userOf: user })
    const browser = new TestBrowser(pds)
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    const response = await browser.post(path, undefined, headers)
    expect([response.status, await response.json()]).toEqual([403, { code: 'ForeignOrigin' }])
    expect(response.headers.has('access-control-allow-origin')).toBe(false)
    expect(user).not.toHaveBeenCalled()
    expect(grant).not.toHaveBeenCalled()
  })

  it.each([
    [new Error('a bug, with the password 123'), 'InternalError'],
    ['a text', 'InternalError'],
    [undefined, 'InternalError'],
  ])('turns what userOf throws into the status 500: %s', async (thrown, code) => {
    const errors: unknown[] = []
    const pds = createBackend({
      sessions,
      userOf: () => {
        throw thrown
      },
      onError: (error, request) => errors.push(error, request.url),
    })
    const response = await new TestBrowser(pds).post('/pds/token')
    expect([response.status, await response.json()]).toEqual([500, { code }])
    expect(errors).toEqual([thrown, `${origin}/pds/token`])
  })

  it.each([5, {}, true])('rejects the key %j of userOf', async (key) => {
    const errors: unknown[] = []
    const pds = createBackend({
      sessions,
      userOf: () => key as never,
      onError: (error) => errors.push(error),
    })
    expect((await new TestBrowser(pds).post('/pds/token')).status).toBe(500)
    expect(errors).toMatchObject([{ message: expect.stringContaining('userOf must return the key') }])
  })

  it('warns the process of an error with status 500 if there is no onError', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const error = new Error('a bug')
    const pds = createBackend({ sessions, userOf: () => Promise.reject(error) })
    await new TestBrowser(pds).post('/pds/token')
    await new TestBrowser(pds).post('/pds/unknown')
    expect(warn.mock.calls).toEqual([[error]])
    warn.mockRestore()
  })

  it('responds although onError throws', async () => {
    const pds = createBackend({
      sessions,
      userOf: () => Promise.reject(new Error('a bug')),
      onError: () => Promise.reject(new Error('the log is full')),
    })
    expect((await new TestBrowser(pds).post('/pds/token')).status).toBe(500)
  })
})

describe('CORS', () => {
  const admin = 'https://admin.example.com'
  const pds = createBackend({ sessions, userOf, origins: [admin] })
  const corsOf = (response: Response) =>
    Object.fromEntries([...response.headers].filter(([name]) => /^(access-control|vary)/.test(name)))

  it('lets the pages of named origins read the responses', async () => {
    const headers = { origin: admin, 'sec-fetch-site': 'same-site' }
    const response = await new TestBrowser(pds).post('/pds/token', undefined, headers)
    expect(response.status).toBe(200)
    const expected = {
      'access-control-allow-credentials': 'true',
      'access-control-allow-origin': admin,
      'access-control-expose-headers': 'retry-after',
      vary: 'origin',
    }
    expect(corsOf(response)).toEqual(expected)
    const failed = await new TestBrowser(pds).post('/pds/token', '[]', headers)
    expect([failed.status, corsOf(failed)]).toEqual([400, expected])
  })

  it('answers the preflight of named origins only', async () => {
    const preflight = (from: string) =>
      pds.handle(
        new Request(`${origin}/pds/token`, {
          method: 'OPTIONS',
          headers: { origin: from, 'access-control-request-method': 'POST' },
        }),
      )
    const response = await preflight(admin)
    expect(response.status).toBe(204)
    expect(corsOf(response)).toMatchObject({
      'access-control-allow-origin': admin,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': '600',
    })
    const foreign = await preflight('https://evil.example')
    expect([foreign.status, corsOf(foreign)]).toEqual([405, { vary: 'origin' }])
  })

  it('has no headers by default', async () => {
    const response = await new TestBrowser(createBackend({ sessions, userOf })).post('/pds/token')
    expect(corsOf(response)).toEqual({})
  })
})

describe('sessionOf', () => {
  it('returns the session of the signed-in user, from a Request or its headers', async () => {
    const pds = domain.signIn()
    const browser = new TestBrowser(pds)
    await browser.signIn()
    const { access_token } = await (await browser.post('/pds/token')).json()
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const given = [
      new Request(origin, { headers: { cookie } }),
      new Headers({ cookie }),
      { headers: { cookie, ':path': '/', 'x-list': ['a', 'b'], 'x-none': undefined } },
    ]
    for (const each of given) {
      const session = await pds.sessionOf(each)
      expect(await session?.getAccessToken()).toBe(access_token)
    }
  })

  it('returns undefined without a user', async () => {
    expect(await domain.signIn().sessionOf(new Headers())).toBeUndefined()
    expect(await domain.signIn().sessionOf(new Headers({ cookie: '__Host-pds=x' }))).toBeUndefined()
    for (const user of [undefined, null, '']) {
      expect(
        await createBackend({ sessions, userOf: async () => user }).sessionOf(new Headers()),
      ).toBeUndefined()
    }
  })

  it('passes the request of the framework to userOf', async () => {
    interface Native {
      headers: Record<string, string>
      user: string
    }
    const received: unknown[] = []
    const pds = createBackend<Native>({
      sessions,
      userOf: (request, native) => {
        received.push(request.headers.get('x-a'), native)
        return native.user
      },
    })
    const native = { headers: { 'x-a': 'b' }, user: 'ann' }
    expect(await pds.sessionOf(native)).toBeDefined()
    expect(await pds.sessionOf(new Headers({ 'x-a': 'c' }), native)).toBeDefined()
    expect(received).toEqual(['b', native, 'c', native])
  })

  it.each([undefined, null, 'x', {}, { headers: 'x' }])('rejects %j', async (given) => {
    const pds = createBackend({ sessions, userOf })
    await expect(pds.sessionOf(given as never)).rejects.toThrow(
      'sessionOf: request must be a Request, its headers, or a request of Node.js',
    )
  })

  it('throws what userOf throws', async () => {
    const pds = createBackend({ sessions, userOf: () => Promise.reject(new Error('the login is down')) })
    await expect(pds.sessionOf(new Headers())).rejects.toThrow('the login is down')
  })
})
