import {
  createAuthorizationUrl,
  getTokenByCode,
  oauthGrant,
  parseCallback,
  refreshToken,
  revokeToken,
} from '@pds/auth-oauth'
import { createTransport, type PDSTransport } from '@pds/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OAuthServer, startOAuthServer } from './oauth-server.test-helper.ts'

/* The whole flow against an OAuth 2.0 server without the vendor's extensions. */

const redirect_uri = 'https://app.example.com/signed-in?from=login'
const context = { signal: new AbortController().signal, timeout: 5000 }

describe.each([
  ['a public application', undefined],
  ['an application with a secret', 'a secret/+'],
])('another OAuth 2.0 server, with %s', (_what, client_secret) => {
  const app = { client_id: 'an app', redirect_uri, ...(client_secret && { client_secret }) }
  let server: OAuthServer
  let transport: PDSTransport

  beforeAll(async () => {
    server = await startOAuthServer(app)
    transport = createTransport({
      // Another origin, without a server: no request may go there.
      api_endpoint: 'https://api.example.com',
      authorization_endpoint: `${server.origin}/authorize`,
      token_endpoint: `${server.origin}/token`,
      revocation_endpoint: `${server.origin}/revoke`,
    })
  })

  afterAll(() => server.close())

  async function signIn(params: { pkce?: boolean } = {}) {
    const request = await createAuthorizationUrl(transport, { ...app, ...params })
    const response = await fetch(request.url, { redirect: 'manual' })
    expect(response.status).toBe(302)
    return getTokenByCode(transport, {
      ...parseCallback(response.headers.get('location') ?? '', JSON.parse(JSON.stringify(request))),
      client_secret,
    })
  }

  it('signs in', async () => {
    const token = await signIn()
    expect(token).toMatchObject({ token_type: 'bearer', expires_in: 600 })
    expect(token.expire_time).toMatch(/Z$/)
    expect(token).not.toHaveProperty('user_id')
  })

  it('reports the error code and description of the server', async () => {
    await expect(signIn({ pkce: false })).rejects.toMatchObject({
      code: 'invalid_request',
      message: 'code challenge required',
      outcome: 'responded',
    })
  })

  it('refreshes once with each refresh token', async () => {
    const first = await signIn()
    const params = { ...app, refresh_token: first.refresh_token ?? '' }
    const second = await refreshToken(transport, params)
    expect(second.refresh_token).not.toBe(first.refresh_token)
    await expect(refreshToken(transport, params)).rejects.toMatchObject({
      code: 'invalid_grant',
      status: 400,
      outcome: 'responded',
    })
  })

  it('refreshes and revokes through a grant', async () => {
    const grant = oauthGrant({ transport, ...app })
    expect(grant.origins).toContain(server.origin)
    const { refresh_token = '' } = await signIn()
    const next = (await grant.refresh?.(refresh_token, context))?.refresh_token ?? ''
    await grant.revoke?.(next, context)
    expect(server.requests.at(-1)).toEqual({
      path: '/revoke',
      params: {
        token: next,
        token_type_hint: 'refresh_token',
        client_id: 'an app',
        ...(client_secret && { client_secret }),
      },
    })
    await expect(grant.refresh?.(next, context)).rejects.toMatchObject({ code: 'invalid_grant' })
  })

  it('revokes a token, also twice', async () => {
    const { refresh_token = '' } = await signIn()
    await revokeToken(transport, { ...app, refresh_token })
    await revokeToken(transport, { ...app, refresh_token })
    await expect(refreshToken(transport, { ...app, refresh_token })).rejects.toMatchObject({
      code: 'invalid_grant',
    })
  })

  describe('with its metadata', () => {
    const metadataOf = ({ origin }: OAuthServer) => ({
      issuer: origin,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      revocation_endpoint: `${origin}/revoke`,
      authorization_response_iss_parameter_supported: true,
    })
    const client_auth = client_secret ? 'basic' : 'post'

    it('signs in, refreshes and revokes, with the secret in the authorization header', async () => {
      const atServer = createTransport({ metadata: metadataOf(server) })
      const request = await createAuthorizationUrl(atServer, app)
      const { headers } = await fetch(request.url, { redirect: 'manual' })
      const response = parseCallback(headers.get('location') ?? '', request)
      const own = { client_id: app.client_id, client_secret, client_auth } as const
      const { refresh_token } = await getTokenByCode(atServer, { ...response, ...own })
      const next = await refreshToken(atServer, { ...own, refresh_token })
      await revokeToken(atServer, { ...own, refresh_token: next.refresh_token })
      expect(server.requests.slice(-3).map(({ path, params }) => [path, Object.keys(params)])).toEqual([
        [
          '/token',
          ['grant_type', ...(client_secret ? [] : ['client_id']), 'redirect_uri', 'code', 'code_verifier'],
        ],
        ['/token', ['grant_type', ...(client_secret ? [] : ['client_id']), 'refresh_token']],
        ['/revoke', ['token', 'token_type_hint', ...(client_secret ? [] : ['client_id'])]],
      ])
      const refused = refreshToken(atServer, { ...own, refresh_token: next.refresh_token })
      await expect(refused).rejects.toMatchObject({ code: 'invalid_grant' })
    })

    it('rejects the callback of another server', async () => {
      const metadata = { ...metadataOf(server), issuer: `${server.origin}/another` }
      const request = await createAuthorizationUrl(createTransport({ metadata }), app)
      const { headers } = await fetch(request.url, { redirect: 'manual' })
      expect(() => parseCallback(headers.get('location') ?? '', request)).toThrow(
        expect.objectContaining({ code: 'IssuerMismatch' }),
      )
    })
  })
})
