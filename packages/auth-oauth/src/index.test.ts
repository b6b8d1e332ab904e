import { createHash, randomBytes } from 'node:crypto'
import {
  completeSignIn,
  createAuthorizationUrl,
  getTokenByCode,
  parseCallback,
  refreshToken,
  revokeToken,
  signInWithPopup,
  signInWithRedirect,
} from '@pds/auth-oauth'
import { createTransport, type PDSTransport } from '@pds/core'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'

let emulator: RunningEmulator
let transport: PDSTransport

const redirect_uri = 'http://127.0.0.1:3000/callback'
const webApp = { client_id: 'webserver-app', client_secret: 'webserver-app-secret', redirect_uri }

beforeAll(async () => {
  emulator = await startEmulator()
  transport = createTransport({ api_endpoint: emulator.api_endpoint })
})

afterAll(() => emulator.close())

describe('getTokenByCode', () => {
  it.each(['redirect_uri', 'redirect_url'])('exchanges a code, with %s', async (name) => {
    const { client_id, client_secret } = webApp
    const params = {
      client_id,
      client_secret,
      code: emulator.createCode({ client_id: webApp.client_id }),
      [name]: redirect_uri,
    }
    const token = await getTokenByCode(transport, params as { redirect_uri: string } & typeof params)
    expect(token).toMatchObject({ user_id: 'user-1', expires_in: 7200 })
    expect(emulator.requests.at(-1)?.params).toMatchObject({ grant_type: 'authorization_code', redirect_uri })
  })

  it('exchanges a code of a public application with its code verifier', async () => {
    const code_verifier = randomBytes(32).toString('base64url')
    const code = emulator.createCode({
      client_id: 'native-app',
      code_challenge: createHash('sha256').update(code_verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    const params = { client_id: 'native-app', redirect_uri, code }
    await expect(getTokenByCode(transport, params)).rejects.toMatchObject({ code: 'InvalidParameterMissing' })
    expect(await getTokenByCode(transport, { ...params, code_verifier })).toMatchObject({ user_id: 'user-1' })
  })

  it('exchanges a code only once', async () => {
    const params = { ...webApp, code: emulator.createCode({ client_id: webApp.client_id }) }
    await getTokenByCode(transport, params)
    await expect(getTokenByCode(transport, params)).rejects.toMatchObject({
      code: 'InvalidParameter',
      type: 'ServerError',
      outcome: 'responded',
    })
  })
})

describe('refreshToken', () => {
  it.each(['redirect_uri', 'redirect_url'])('replaces both tokens, with %s', async (name) => {
    const old = await getTokenByCode(transport, {
      ...webApp,
      code: emulator.createCode({ client_id: webApp.client_id }),
    })
    const { client_id, client_secret } = webApp
    const refresh_token = old.refresh_token ?? ''
    const params = { client_id, client_secret, refresh_token, [name]: redirect_uri } as {
      redirect_uri: string
    } & typeof webApp & { refresh_token: string }
    const fresh = await refreshToken(transport, params)
    expect(fresh).toMatchObject({ user_id: 'user-1', expires_in: 7200 })
    expect(fresh.access_token).not.toBe(old.access_token)
    expect(fresh.refresh_token).not.toBe(old.refresh_token)
    await expect(refreshToken(transport, params)).rejects.toMatchObject({
      code: 'InvalidParameter.RefreshToken',
      outcome: 'responded',
    })
  })
})

describe('a sign-in', () => {
  it.each([
    ['webserver-app', 'webserver-app-secret', true],
    ['webserver-app', 'webserver-app-secret', false],
    ['native-app', undefined, true],
  ])(
    'runs from the authorization URL to the revoked token for %s',
    async (client_id, client_secret, pkce) => {
      const request = await createAuthorizationUrl(transport, { client_id, redirect_uri, pkce })
      // The user signs in.
      const response = await fetch(`${request.url}&user_id=user-1`, { redirect: 'manual' })
      const callback = response.headers.get('location') ?? ''
      const token = await getTokenByCode(transport, { ...parseCallback(callback, request), client_secret })
      expect(token).toMatchObject({ user_id: 'user-1' })

      const app = { client_id, client_secret, redirect_uri }
      const { refresh_token = '' } = await refreshToken(transport, {
        ...app,
        refresh_token: token.refresh_token ?? '',
      })
      expect(await revokeToken(transport, { ...app, refresh_token })).toBeUndefined()
      expect(emulator.requests.at(-1)).toMatchObject({
        path: '/v2/account/revoke',
        params: { app_id: client_id },
      })
      await expect(refreshToken(transport, { ...app, refresh_token })).rejects.toMatchObject({
        code: 'InvalidParameter.RefreshToken',
      })
    },
  )

  it('works with the metadata of the server, and the secret in the authorization header', async () => {
    const metadata = await fetch(`${emulator.api_endpoint}/.well-known/oauth-authorization-server`)
    const other = createTransport({ metadata: await metadata.json() })
    const app = { ...webApp, client_auth: 'basic' } as const
    const request = await createAuthorizationUrl(other, app)
    const { headers } = await fetch(`${request.url}&user_id=user-1`, { redirect: 'manual' })
    const response = parseCallback(headers.get('location') ?? '', request)
    const token = await getTokenByCode(other, { ...response, ...app })
    const { refresh_token } = await refreshToken(other, { ...app, refresh_token: token.refresh_token })
    await revokeToken(other, { ...app, refresh_token })
    const sent = emulator.requests.slice(-4).map(({ path, params }) => [path, Object.keys(params ?? {})])
    expect(sent).toEqual([
      ['/v2/oauth/authorize', expect.not.arrayContaining(['login_type'])],
      ['/v2/oauth/token', ['grant_type', 'redirect_uri', 'code', 'code_verifier']],
      ['/v2/oauth/token', ['grant_type', 'redirect_uri', 'refresh_token']],
      ['/v2/oauth/revoke', ['token', 'token_type_hint']],
    ])
    await expect(refreshToken(other, { ...app, refresh_token })).rejects.toMatchObject({
      code: 'InvalidParameter.RefreshToken',
    })
  })

  it('fails with the error code of the service', async () => {
    const params = { ...webApp, login_type: 'unknown' }
    const request = await createAuthorizationUrl(transport, params)
    const response = await fetch(`${request.url}&user_id=user-1`, { redirect: 'manual' })
    expect(() => parseCallback(response.headers.get('location') ?? '', request)).toThrow(
      expect.objectContaining({ code: 'invalid_request', outcome: 'responded' }),
    )
  })

  describe.each([
    ['Node.js', {}],
    ['React Native', { window: globalThis }],
    // Some modules for React Native define a location, too.
    ['React Native with a location', { window: globalThis, location: new URL('http://localhost:8081') }],
  ])('in %s', (_runtime, globals) => {
    beforeEach(() => {
      for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value)
    })
    afterEach(() => vi.unstubAllGlobals())

    it.each([
      ['signInWithRedirect', () => signInWithRedirect(transport, webApp)],
      ['completeSignIn', () => completeSignIn(transport)],
      ['signInWithPopup', () => signInWithPopup(transport, webApp)],
    ])('rejects %s', async (name, call) => {
      await expect(call()).rejects.toMatchObject({
        code: 'UnsupportedEnvironment',
        outcome: 'not-sent',
        message: expect.stringContaining(`${name} needs a web page`),
      })
    })

    it('works with createAuthorizationUrl and parseCallback', async () => {
      const app = { client_id: 'native-app', redirect_uri: 'com.example.app:/callback' }
      const request = await createAuthorizationUrl(transport, app)
      const callback = `${app.redirect_uri}?code=a-code&state=${request.state}`
      expect(parseCallback(callback, request)).toMatchObject({ ...app, code: 'a-code' })
    })
  })
})

const flawed = (flaw: string) => `must be a non-empty string (received a string that ${flaw})`

describe('invalid parameters are rejected before anything is sent', () => {
  const methods = { getTokenByCode, refreshToken, revokeToken }
  const cases: [method: keyof typeof methods, params: unknown, message: string][] = [
    ['getTokenByCode', undefined, 'params must be a plain object'],
    ['getTokenByCode', { client_id: undefined }, 'client_id is required'],
    ['getTokenByCode', { client_secret: '' }, 'client_secret must be a non-empty string'],
    ['getTokenByCode', { client_secret: 7 }, 'client_secret must be a non-empty string'],
    ['getTokenByCode', { redirect_uri: undefined }, 'redirect_uri is required'],
    [
      'refreshToken',
      { redirect_uri: '/callback' },
      'redirect_uri must be an absolute URL without a fragment',
    ],
    [
      'getTokenByCode',
      { redirect_url: 'https://elsewhere.test' },
      'redirect_uri and redirect_url have different',
    ],
    ['getTokenByCode', { code: undefined }, 'code is required'],
    ['getTokenByCode', { code_verifier: 1 }, 'code_verifier must be a non-empty string'],
    ['refreshToken', 'params', 'params must be a plain object'],
    ['refreshToken', { client_id: null }, 'client_id must be a non-empty string'],
    ['refreshToken', { refresh_token: undefined }, 'refresh_token is required'],
    [
      'refreshToken',
      { redirect_uri: undefined, redirect_url: '' },
      'redirect_url must be an absolute URL without a fragment, with http: only on localhost (received an empty string)',
    ],
    ['revokeToken', undefined, 'params must be a plain object'],
    ['revokeToken', { client_id: undefined }, 'client_id is required'],
    ['revokeToken', { refresh_token: '' }, 'refresh_token must be a non-empty string'],
    ['revokeToken', { client_secret: 7 }, 'client_secret must be a non-empty string'],
    // A name that is not known.
    ['getTokenByCode', { clientSecret: 's' }, 'clientSecret is not supported: did you mean client_secret?'],
    ['getTokenByCode', { codeVerifier: 'v' }, 'codeVerifier is not supported: did you mean code_verifier?'],
    ['refreshToken', { refresh_tokn: 't' }, 'refresh_tokn is not supported: did you mean refresh_token?'],
    [
      'refreshToken',
      { scope: 'all' },
      'scope is not supported: the names are client_id, client_secret, client_auth, redirect_uri, refresh_token',
    ],
    ['refreshToken', { client_auth: 'none' }, "client_auth must be 'post' or 'basic' (received a string)"],
    [
      'getTokenByCode',
      { client_secret: undefined, client_auth: 'basic' },
      "client_auth 'basic' needs a client_secret",
    ],
    [
      'revokeToken',
      { client_secret: undefined, client_auth: 'basic' },
      "client_auth 'basic' needs a client_secret",
    ],
    ['revokeToken', { 'canary: body': 1 }, 'a name is not supported: the names are client_id'],
    // A value that a file, a terminal or a copied page has changed.
    [
      'refreshToken',
      { refresh_token: 'canary\n' },
      'refresh_token must be a non-empty string (received a string that ends with a line break)',
    ],
    ['refreshToken', { client_secret: 'canary\r\n' }, `client_secret ${flawed('ends with a line break')}`],
    ['refreshToken', { client_id: '\ufeffcanary' }, `client_id ${flawed('starts with a byte order mark')}`],
    ['getTokenByCode', { code: ' canary' }, `code ${flawed('starts with whitespace')}`],
    ['getTokenByCode', { code: 'can\nary' }, `code ${flawed('contains a line break')}`],
    ['getTokenByCode', { code_verifier: 'canary\u00a0' }, `code_verifier ${flawed('ends with whitespace')}`],
    [
      'getTokenByCode',
      { redirect_uri: `${redirect_uri}\n` },
      'redirect_uri must be an absolute URL without a fragment, with http: only on localhost (received a string that ends with a line break)',
    ],
    ['revokeToken', { refresh_token: 'can\0ary' }, `refresh_token ${flawed('contains a control character')}`],
    [
      'revokeToken',
      { client_id: 'canary\ud800' },
      `client_id ${flawed('contains half of a surrogate pair')}`,
    ],
  ]
  it.each(cases)('%s %o', async (name, changes, message) => {
    const before = emulator.requests.length
    const credential = name === 'getTokenByCode' ? { code: 'c' } : { refresh_token: 'r' }
    const complete = { ...webApp, ...credential } as typeof webApp & { code: string; refresh_token: string }
    const params = (typeof changes === 'object' ? { ...complete, ...changes } : changes) as typeof complete
    const error = await methods[name](transport, params).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'PDSError', code: 'InvalidParameter', outcome: 'not-sent' })
    expect((error as Error).message).toContain(`${name}: ${message}`)
    expect((error as Error).message).not.toContain('canary')
    expect(emulator.requests).toHaveLength(before)
  })

  it('accepts whitespace and other languages inside a value, and the parameters of an application', async () => {
    const params = { ...webApp, client_secret: 'a b', refresh_token: 'a \u3000b é' }
    await expect(refreshToken(transport, params)).rejects.toMatchObject({ type: 'ServerError' })
    expect(emulator.requests.at(-1)).toMatchObject({ path: '/v2/oauth/token' })
    const { redirect_uri: redirect_url, client_id } = webApp
    await revokeToken(transport, { client_id, ...{ redirect_url }, refresh_token: 'r' })
  })

  it.each([
    ['createAuthorizationUrl', (given: PDSTransport) => createAuthorizationUrl(given, webApp)],
    ['getTokenByCode', (given: PDSTransport) => getTokenByCode(given, { ...webApp, code: 'c' })],
    ['refreshToken', (given: PDSTransport) => refreshToken(given, { ...webApp, refresh_token: 'r' })],
    ['revokeToken', (given: PDSTransport) => revokeToken(given, { ...webApp, refresh_token: 'r' })],
  ])('%s rejects everything but a transport', async (name, send) => {
    const client = { transport, postAPI: () => undefined }
    for (const [given, flaw] of [
      [undefined, 'is required: the result of createTransport'],
      [webApp, 'must be the result of createTransport (received an object)'],
      // Other HTTP clients have a function of this name.
      [{ post: () => undefined }, 'must be the result of createTransport (received an object)'],
      [client, 'must be the result of createTransport (received a PDSClient: pass its property transport)'],
    ] as const) {
      await expect(send(given as unknown as PDSTransport)).rejects.toMatchObject({
        name: 'PDSError',
        code: 'InvalidParameter',
        outcome: 'not-sent',
        message: `${name}: transport ${flaw}`,
      })
    }
  })

  it.each([
    ['getTokenByCode', (options: object) => getTokenByCode(transport, { ...webApp, code: 'c' }, options)],
    [
      'refreshToken',
      (options: object) => refreshToken(transport, { ...webApp, refresh_token: 'r' }, options),
    ],
    ['revokeToken', (options: object) => revokeToken(transport, { ...webApp, refresh_token: 'r' }, options)],
  ])('%s names itself in the errors of its options', async (name, send) => {
    const messageOf = (options: object) => send(options).then(String, ({ message }: Error) => message)
    expect(await messageOf({ timeOut: 1 })).toBe(
      `${name}: options.timeOut is not supported: did you mean timeout?`,
    )
    expect(await messageOf({ timeout: -1 })).toContain(`${name}: options.timeout must be`)
    expect(await messageOf({ headers: { host: 'a' } })).toContain(
      `${name}: options.headers must not contain host`,
    )
    expect(await messageOf({ params: { a: [] } })).toContain(`${name}: options.params.a must be`)
  })
})
