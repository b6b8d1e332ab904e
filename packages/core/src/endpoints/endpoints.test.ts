import { createTransport, type PDSTransportConfig } from '@pds/core'
import { authorizeCall, requestRevocation, requestToken } from '@pds/core/internal'
import { describe, expect, it } from 'vitest'
import { failure, ok, serve } from '../test/scripted-server.test-helper.ts'

const refresh_token = 'canary-refresh'
const app = { method: 'revokeToken', client_id: 'app', client_secret: 'canary secret', refresh_token }

const metadataOf = (origin: string) => ({
  issuer: `${origin}/tenant`,
  authorization_endpoint: `${origin}/authorize`,
  token_endpoint: `${origin}/token`,
})

describe('requestRevocation', () => {
  it("sends the vendor's request without a secret by default", async () => {
    const { received, api_endpoint } = await serve({ status: 204, body: '' })
    await requestRevocation(createTransport({ api_endpoint }), app)
    expect(received).toMatchObject([
      { url: '/v2/account/revoke', body: `{"app_id":"app","refresh_token":"${refresh_token}"}` },
    ])
  })

  it.each([
    [app, '&client_secret=canary+secret'],
    [{ ...app, client_secret: undefined }, ''],
  ])('sends the request of RFC 7009 to a revocation_endpoint', async (params, secret) => {
    // RFC 7009 section 2.2: the body is ignored.
    const { received, api_endpoint } = await serve({ status: 200, body: '<p>gone' })
    const transport = createTransport({ api_endpoint, revocation_endpoint: '/revoke?tenant=1' })
    await requestRevocation(transport, params)
    expect(received).toMatchObject([
      {
        url: '/v2/revoke?tenant=1',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `token=${refresh_token}&token_type_hint=refresh_token&client_id=app${secret}`,
      },
    ])
  })

  it('sends the secret in the authorization header with client_auth basic', async () => {
    const { received, api_endpoint } = await serve({ status: 200, body: '' })
    const transport = createTransport({ api_endpoint, revocation_endpoint: '/revoke' })
    await requestRevocation(transport, { ...app, client_auth: 'basic' })
    expect(received).toMatchObject([
      {
        headers: { authorization: `Basic ${btoa('app:canary+secret')}` },
        body: `token=${refresh_token}&token_type_hint=refresh_token`,
      },
    ])
  })

  it('sends nothing to a server whose metadata has no revocation endpoint', async () => {
    const { received, api_endpoint } = await serve({ status: 204, body: '' })
    const transport = createTransport({ metadata: metadataOf(api_endpoint) })
    expect(await failure(requestRevocation(transport, app))).toMatchObject({
      code: 'InvalidParameter',
      message:
        'revokeToken: the transport needs the option revocation_endpoint: only PDS has /account/revoke',
    })
    expect(received).toEqual([])
  })

  it('sends nothing to a server that did not issue the token', async () => {
    const { received, api_endpoint } = await serve({ status: 204, body: '' })
    const config = { api_endpoint, token_endpoint: 'https://login.test/token' }
    expect(await failure(requestRevocation(createTransport(config), app))).toMatchObject({
      code: 'InvalidParameter',
      outcome: 'not-sent',
      message: expect.stringMatching(/^revokeToken: the transport needs the option revocation_endpoint: /),
    })
    expect(received).toEqual([])
    // Another path on the same server is accepted.
    const same = createTransport({ api_endpoint, token_endpoint: `${api_endpoint}/token` })
    await requestRevocation(same, app)
    expect(received).toMatchObject([{ url: '/v2/account/revoke' }])
  })

  it.each([{}, { revocation_endpoint: '/revoke' }])(
    'is retried after an unknown outcome, with %o',
    async (config) => {
      const { received, api_endpoint } = await serve(
        { status: 502, headers: { 'retry-after': '0' } },
        { status: 200 },
      )
      await requestRevocation(createTransport({ api_endpoint, ...config }), app)
      expect(received).toHaveLength(2)
    },
  )

  it('rejects with the error of the server and without secrets', async () => {
    const { api_endpoint } = await serve({
      status: 400,
      body: { error: 'unsupported_token_type', error_description: `not ${refresh_token}` },
    })
    const transport = createTransport({ api_endpoint, revocation_endpoint: '/revoke' })
    expect(await failure(requestRevocation(transport, app))).toMatchObject({
      code: 'unsupported_token_type',
      outcome: 'responded',
    })
  })
})

describe('a token endpoint at another origin', () => {
  const params = { refresh_token }

  it('receives token requests and sets the clock', async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString()
    const elsewhere = await serve({ ...ok, headers: { date } })
    const config: PDSTransportConfig = {
      api_endpoint: 'https://bj1.test',
      token_endpoint: `${elsewhere.api_endpoint}/token?tenant=1`,
    }
    const transport = createTransport(config)
    const request = { path: transport.token_endpoint, format: 'form', params } as const
    expect(await requestToken(transport, request)).toMatchObject({ expires_in: 7200 })
    expect(elsewhere.received).toMatchObject([
      { url: '/token?tenant=1', body: `refresh_token=${refresh_token}` },
    ])
    expect(transport.now() - Date.now()).toBeGreaterThan(3_000_000)
  })

  it('may receive a credential if it is not the authorization endpoint', async () => {
    const elsewhere = await serve(ok)
    const authorization = authorizeCall({
      headers: async () => ({ authorization: 'Bearer canary' }),
      renew: async () => false,
    })
    const read = () => undefined
    const request = {
      endpoint: 'auth',
      path: `${elsewhere.api_endpoint}/introspect`,
      format: 'form',
      params,
    } as const
    const api_endpoint = 'https://bj1.test'
    await createTransport({ api_endpoint, revocation_endpoint: `${elsewhere.api_endpoint}/revoke` }).post({
      ...request,
      authorization,
      read,
    })
    expect(elsewhere.received).toMatchObject([{ headers: { authorization: 'Bearer canary' } }])
    // The authorization endpoint must not receive tokens.
    const authorization_endpoint = `${elsewhere.api_endpoint}/authorize`
    const rejected = createTransport({ api_endpoint, authorization_endpoint }).post({
      ...request,
      authorization,
      read,
    })
    expect(await failure(rejected)).toMatchObject({ code: 'InvalidParameter', outcome: 'not-sent' })
  })
})

describe('the metadata of a server', () => {
  const metadata = metadataOf('https://login.test')

  it('names its issuer and its endpoints', () => {
    const transport = createTransport({
      metadata: {
        ...metadata,
        revocation_endpoint: 'https://api.login.test/revoke',
        // Ignored: a document has many more fields.
        ...{ jwks_uri: 'https://login.test/keys', scopes_supported: ['openid'] },
      },
    })
    expect(transport).toMatchObject({
      api_endpoint: 'https://login.test',
      auth_endpoint: 'https://login.test',
      authorization_endpoint: 'https://login.test/authorize',
      token_endpoint: 'https://login.test/token',
      revocation_endpoint: 'https://api.login.test/revoke',
      issuer: 'https://login.test/tenant',
      origins: ['https://login.test', 'https://api.login.test'],
    })
  })

  it('comes after the other options', () => {
    const options = { api_endpoint: 'https://api.test', token_endpoint: 'https://proxy.test/token' }
    expect(createTransport({ metadata, ...options, issuer: metadata.issuer })).toMatchObject({
      ...options,
      authorization_endpoint: 'https://login.test/authorize',
      revocation_endpoint: undefined,
      issuer: metadata.issuer,
    })
  })

  it('may have null for an endpoint that the server does not have', () => {
    const transport = createTransport({ metadata: { ...metadata, revocation_endpoint: null } })
    expect(transport.revocation_endpoint).toBeUndefined()
  })

  it.each([
    [
      { metadata: 'https://login.test' },
      'metadata must be server metadata with issuer, authorization_endpoint and token_endpoint',
    ],
    [{ metadata: [] }, '(received an array)'],
    [
      { metadata: { ...metadata, issuer: 'login' } },
      'with issuer, authorization_endpoint and token_endpoint',
    ],
    [{ metadata: { ...metadata, token_endpoint: undefined } }, '(received an object)'],
    [{ metadata: { ...metadata, token_endpoint: '/token' } }, '(received an object)'],
    [
      { metadata: metadataOf('http://login.test') },
      'metadata.issuer is http://login.test: secrets are sent over',
    ],
    [
      { metadata: { ...metadata, token_endpoint: 'http://login.test/token' } },
      'token_endpoint is http://login.test: secrets are sent over https: only',
    ],
    [
      { metadata: { ...metadata, revocation_endpoint: '//elsewhere.test' } },
      'revocation_endpoint must be a path that starts with one /, or a URL without user',
    ],
    // RFC 8414 section 3.3.
    [{ metadata, issuer: 'https://login.test' }, 'issuer and metadata.issuer differ'],
    [{ api_endpoint: 'https://login.test', issuer: '' }, 'issuer must be a non-empty string'],
  ])('is rejected if it is wrong: %j', (config, message) => {
    expect(() => createTransport(config as PDSTransportConfig)).toThrow(message)
  })
})
