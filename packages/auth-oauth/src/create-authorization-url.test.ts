import { createHash } from 'node:crypto'
import { createAuthorizationUrl } from '@pds/auth-oauth'
import { createTransport, type PDSServerMetadata } from '@pds/core'
import { afterEach, describe, expect, it, vi } from 'vitest'

const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
const app = { client_id: 'browser-app', redirect_uri: 'http://127.0.0.1:5173/callback' }

const metadata = {
  issuer: 'https://login.test',
  authorization_endpoint: 'https://login.test/authorize',
  token_endpoint: 'https://login.test/token',
}

afterEach(() => vi.unstubAllGlobals())

const queryOf = (url: string) => Object.fromEntries(new URL(url).searchParams)

describe('createAuthorizationUrl', () => {
  it('adds only a state and PKCE by default', async () => {
    const request = await createAuthorizationUrl(transport, app)
    const { url, state, code_verifier = '', ...rest } = request
    expect(rest).toEqual(app)
    expect(url).toMatch(/^https:\/\/bj1\.api\.aliyunpds\.com\/v2\/oauth\/authorize\?/)
    expect(queryOf(url)).toEqual({
      response_type: 'code',
      ...app,
      login_type: 'default',
      state,
      code_challenge: createHash('sha256').update(code_verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    // 32 bytes each (RFC 7636 section 4.1). The URL must not contain the verifier.
    for (const random of [state, code_verifier]) expect(random).toMatch(/^[\w-]{43}$/)
    expect(url).not.toContain(code_verifier)
    expect(JSON.parse(JSON.stringify(request))).toEqual(request)
  })

  it('uses a new state and code verifier for each request', async () => {
    const requests = await Promise.all([1, 2, 3].map(() => createAuthorizationUrl(transport, app)))
    const random = requests.flatMap(({ state, code_verifier }) => [state, code_verifier])
    expect(new Set(random).size).toBe(6)
  })

  it('accepts every documented parameter', async () => {
    const { client_id, redirect_uri: redirect_url } = app
    const request = await createAuthorizationUrl(transport, {
      client_id,
      redirect_url,
      login_type: 'ding',
      scope: 'DRIVE.ALL FILE.ALL',
      hide_consent: false,
      prompt: 'consent',
      state: 'my state/+',
      pkce: false,
    })
    expect(request).toEqual({ url: request.url, ...app, state: 'my state/+' })
    expect(queryOf(request.url)).toEqual({
      response_type: 'code',
      ...app,
      login_type: 'ding',
      scope: 'DRIVE.ALL FILE.ALL',
      hide_consent: 'false',
      prompt: 'consent',
      state: 'my state/+',
    })
  })

  it('ignores client_secret and keeps it out of the URL', async () => {
    const { url } = await createAuthorizationUrl(transport, { ...app, ...{ client_secret: 'canary' } })
    expect(url).not.toContain('canary')
  })

  it('omits login_type with null, and for a server with metadata unless it is given', async () => {
    const login_type = async (at: typeof transport, params: object) =>
      queryOf((await createAuthorizationUrl(at, { ...app, ...params })).url).login_type
    expect(await login_type(transport, { login_type: null })).toBeUndefined()
    expect(await login_type(transport, { login_type: undefined })).toBe('default')
    const other = createTransport({ metadata })
    expect(await login_type(other, {})).toBeUndefined()
    expect(await login_type(other, { login_type: 'ding' })).toBe('ding')
  })

  it('adds further parameters, also several with one name', async () => {
    const extraParams = { nonce: 'n 1', max_age: 0, claims: undefined }
    const { url } = await createAuthorizationUrl(transport, { ...app, extraParams })
    expect(queryOf(url)).toMatchObject({ ...app, nonce: 'n 1', max_age: '0' })
    expect(url).not.toContain('claims')
    const resources = new URLSearchParams('resource=https%3A%2F%2Fa.test&resource=https%3A%2F%2Fb.test')
    const other = await createAuthorizationUrl(transport, { ...app, extraParams: resources })
    expect(new URL(other.url).searchParams.getAll('resource')).toEqual(['https://a.test', 'https://b.test'])
    // A parameter that this request does not have.
    const own = { ...app, pkce: false, extraParams: { code_challenge: 'x', scope: 'openid' } }
    expect(queryOf((await createAuthorizationUrl(transport, own)).url)).toMatchObject(own.extraParams)
  })

  it('notes the issuer, and whether the callback must have an iss', async () => {
    const { issuer } = metadata
    const requestAt = (config: Partial<PDSServerMetadata>) =>
      createAuthorizationUrl(createTransport({ metadata: { ...metadata, ...config } }), app)
    expect(await requestAt({})).toMatchObject({ issuer })
    expect((await requestAt({})).iss_required).toBeUndefined()
    const promised = { authorization_response_iss_parameter_supported: true }
    expect(await requestAt(promised)).toMatchObject({ issuer, iss_required: true })
    const domain = createTransport({ api_endpoint: 'https://bj1.test', issuer })
    expect(await createAuthorizationUrl(domain, app)).toMatchObject({ issuer })
  })

  it('keeps the query of the endpoint but overrides its parameters', async () => {
    const authorization_endpoint = 'https://login.test/a?tenant=a%26b&client_id=another'
    const other = createTransport({ api_endpoint: 'https://bj1.test', authorization_endpoint })
    const { url } = await createAuthorizationUrl(other, { ...app, login_type: 'new' })
    expect(url).toMatch(/^https:\/\/login\.test\/a\?/)
    expect(queryOf(url)).toMatchObject({ tenant: 'a&b', login_type: 'new' })
    expect(new URL(url).searchParams.getAll('client_id')).toEqual(['browser-app'])
  })

  it.each([
    'https://app.test',
    'com.example.app:/callback',
    'com.example.app://callback',
    'com.example.app:',
    'urn:ietf:wg:oauth:2.0:oob',
    'app://-/callback',
    'chrome-extension://abcdefghijklmnop/callback',
    'capacitor://localhost',
    'http://127.0.0.1:51004/callback?x=1',
    'http://127.9.0.1',
    'http://localhost?x=1',
    'HTTP://LOCALHOST:5173/',
    'http://[::1]:51004/callback',
  ])('accepts the redirect URI %s', async (redirect_uri) => {
    expect(queryOf((await createAuthorizationUrl(transport, { ...app, redirect_uri })).url)).toMatchObject({
      redirect_uri,
    })
  })

  const absoluteUrl = 'redirect_uri must be an absolute URL without a fragment, with http: only on localhost'
  it.each<[object | undefined, string]>([
    [undefined, 'params must be a plain object'],
    [{ client_id: '' }, 'client_id must be a non-empty string'],
    [{ redirect_uri: undefined }, 'redirect_uri is required'],
    [{ redirect_uri: '/callback' }, absoluteUrl],
    // RFC 6749 section 3.1.2.
    [{ redirect_uri: 'https://app.test/#/callback' }, absoluteUrl],
    [{ redirect_uri: 'javascript:alert(1)' }, absoluteUrl],
    [{ redirect_uri: 'JavaScript:alert(1)//https://app.test' }, absoluteUrl],
    [{ redirect_uri: ' https://app.test' }, `${absoluteUrl} (received a string that starts`],
    [
      { state: 'canary\n' },
      'state must be a non-empty string (received a string that ends with a line break)',
    ],
    [
      { scope: 'FILE.READ\tFILE.WRITE' },
      'scope must be a non-empty string (received a string that contains a control character)',
    ],
    // Without scope, the application gets every permission.
    [{ scopes: 'FILE.READ' }, 'scopes is not supported: did you mean scope?'],
    [
      { toString: 'x' },
      'toString is not supported: the names are client_id, client_secret, client_auth, redirect_uri, login_type',
    ],
    [{ redirect_url: 'https://app.test' }, 'redirect_uri and redirect_url have different values'],
    [{ login_type: '' }, 'login_type must be a non-empty string'],
    [{ scope: ['a'] }, 'scope must be a non-empty string (received an array)'],
    [{ hide_consent: 'true' }, 'hide_consent must be true or false'],
    [{ prompt: true }, 'prompt must be a non-empty string'],
    [{ state: '' }, 'state must be a non-empty string'],
    [{ pkce: 'S256' }, 'pkce must be true or false'],
    [{ extraParams: 'nonce=1' }, 'extraParams must be a plain object or URLSearchParams'],
    [{ extraParams: { max_age: {} } }, 'extraParams.max_age must be a string, a number or a boolean'],
    ...['state', 'client_id', 'response_type', 'code_challenge', 'login_type'].map(
      (name): [object, string] => [{ extraParams: { [name]: 'x' } }, `extraParams must not contain ${name}`],
    ),
  ])('rejects %j', async (changes, message) => {
    const params = (changes && { ...app, ...changes }) as typeof app
    await expect(createAuthorizationUrl(transport, params)).rejects.toMatchObject({
      name: 'PDSError',
      code: 'InvalidParameter',
      outcome: 'not-sent',
      message: expect.stringContaining(`createAuthorizationUrl: ${message}`),
    })
  })

  it.each([
    'data:text/html,x',
    'blob:https://app.test/0',
    'file:///callback',
    'vbscript:x',
    'About:blank',
    'ws://app.test/',
    'WSS://app.test/',
    // Not this machine.
    'http://app.test/callback',
    'http://192.168.0.7:3000/callback',
    'http://localhost.app.test',
    'http://localhost@app.test',
    'http://localhost:80@app.test',
    'http://127.0.0.1.app.test/',
    'http:app.test',
    'http:\\\\app.test',
    'http:///app.test',
  ])('rejects the redirect URI %s', async (redirect_uri) => {
    await expect(createAuthorizationUrl(transport, { ...app, redirect_uri })).rejects.toMatchObject({
      code: 'InvalidParameter',
      outcome: 'not-sent',
      message: `createAuthorizationUrl: ${absoluteUrl} (received a string)`,
    })
  })

  const insecure = { getRandomValues: crypto.getRandomValues.bind(crypto) }

  it.each([
    ['a page over http:', insecure, {}],
    ['a page over http:', insecure, { state: 'given' }],
    ['React Native', undefined, {}],
    ['React Native', undefined, { pkce: false }],
    ['React Native with a part of it', { randomUUID: () => 'id' }, { pkce: false }],
  ])('reports that WebCrypto is missing in %s', async (_name, available, options) => {
    vi.stubGlobal('crypto', available)
    await expect(createAuthorizationUrl(transport, { ...app, ...options })).rejects.toMatchObject({
      code: 'UnsupportedEnvironment',
      outcome: 'not-sent',
      message: expect.stringContaining('serve the page over HTTPS'),
    })
  })

  it.each<[string, unknown, { pkce: boolean; state?: string }]>([
    ['PKCE on a page over http:', insecure, { pkce: false }],
    ['PKCE and a random state in React Native', undefined, { pkce: false, state: 'given' }],
  ])('needs no WebCrypto without %s', async (_name, available, options) => {
    vi.stubGlobal('crypto', available)
    const { url, state } = await createAuthorizationUrl(transport, { ...app, ...options })
    expect(queryOf(url)).toMatchObject({
      ...app,
      state: options.state ?? expect.stringMatching(/^[\w-]{43}$/),
    })
    expect(queryOf(url)).not.toHaveProperty('code_challenge')
    expect(queryOf(url).state).toBe(state)
  })
})
