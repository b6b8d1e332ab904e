import {
  type AuthorizationResponse,
  createAuthorizationUrl,
  getTokenByCode,
  oauthGrant,
  parseCallback,
  refreshToken,
} from '@pds/auth-oauth'
import { createTransport, type PDSError, type PDSTransport } from '@pds/core'
import { createSession } from '@pds/session'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Results } from './results.ts'
import { betterAuthServer } from './servers/better-auth.ts'
import { oauth2MockServer } from './servers/oauth2-mock-server.ts'
import { oauth2Server } from './servers/oauth2-server.ts'
import { oidcProvider } from './servers/oidc-provider.ts'
import type { RunningServer, Server } from './servers/server.ts'

/* Our client in Node.js, against servers that were not written here. */

const servers = [oidcProvider, oauth2Server, oauth2MockServer, betterAuthServer] as const
const results = new Results('servers', 'Node.js', servers)

/** Returns the nonce of the ID token, or undefined without an ID token. */
function nonceOf(token: object): string | undefined {
  const { id_token } = token as { id_token?: string }
  if (id_token === undefined) return undefined
  return JSON.parse(Buffer.from(id_token.split('.')[1] ?? '', 'base64url').toString()).nonce
}

beforeAll(() => {
  // Some of the servers warn that their defaults are for development.
  for (const method of ['info', 'warn'] as const) vi.spyOn(console, method).mockReturnValue()
})

afterAll(() => {
  vi.restoreAllMocks()
})

describe.each(servers)('$name', (server) => {
  let running: RunningServer
  let transport: PDSTransport

  beforeAll(async () => {
    running = await server.start()
    transport = createTransport(running.config)
  })

  afterAll(() => running?.close())

  describe.each(server.auths)('with the client authentication %s', (auth) => {
    /** Returns the parameters of every request to the token endpoint and the revocation endpoint. */
    function credentials() {
      const { client_id, client_secret } = running.apps[auth]
      return {
        client_id,
        client_secret,
        ...(auth === 'client_secret_basic' && { client_auth: 'basic' as const }),
      }
    }

    async function startSignIn(params: Server['params'] = server.params) {
      const request = await createAuthorizationUrl(transport, {
        ...running.apps[auth],
        ...params,
        extraParams: { nonce: 'the nonce' },
      })
      const callback = await running.signIn(request.url)
      return { request, callback }
    }

    const exchange = (response: AuthorizationResponse) =>
      getTokenByCode(transport, { ...response, ...credentials() })

    async function signIn() {
      const { request, callback } = await startSignIn()
      const { refresh_token = '', ...token } = await exchange(parseCallback(callback, request))
      return { refresh_token, ...token }
    }

    /** Creates a session with an expired access token. Times are in milliseconds. */
    async function startSession(refresh_token: string) {
      const time = { ahead: 0 }
      const session = createSession({
        key: 'user-1',
        grant: oauthGrant({ transport, ...credentials() }),
        clock: () => Date.now() + time.ahead,
      })
      await session.setToken({ access_token: 'expired', refresh_token, expires_in: 0 })
      return { session, time }
    }

    it('signs in, and the server checks the code verifier', async () => {
      const token = await signIn()
      expect(await running.isValid(token.access_token)).toBe(true)
      expect(nonceOf(token)).toBe(server.issuesIdTokens ? 'the nonce' : undefined)
      expect(await running.isValid(`${token.access_token.slice(0, -5)}aaaaa`)).toBe(false)
      const { request, callback } = await startSignIn()
      const { code_verifier } = await createAuthorizationUrl(transport, running.apps[auth])
      const stolen = { ...parseCallback(callback, request), code_verifier }
      await expect(exchange(stolen)).rejects.toMatchObject({ outcome: 'responded' })
      results.pass(server.name, 'sign-in', auth)
    })

    if (auth !== 'none') {
      it('reports a wrong secret', async () => {
        const { request, callback } = await startSignIn()
        const response = parseCallback(callback, request)
        await expect(
          getTokenByCode(transport, { ...response, ...credentials(), client_secret: 'wrong' }),
        ).rejects.toMatchObject({ code: 'invalid_client', outcome: 'responded' })
      })
    }

    if (server.params.scope) {
      it('gets no refresh token without the scope of the settings', async () => {
        const { request, callback } = await startSignIn({ scope: 'openid' })
        const token = await exchange(parseCallback(callback, request))
        expect(token).not.toHaveProperty('refresh_token')
      })
    }

    it('refreshes', async () => {
      const { refresh_token } = await signIn()
      const next = await refreshToken(transport, { ...credentials(), refresh_token })
      expect(await running.isValid(next.access_token)).toBe(true)
      expect((next.refresh_token ?? refresh_token) !== refresh_token).toBe(server.rotates(auth))
      results.pass(server.name, 'refresh', auth)
    })

    it('keeps the token of a session fresh', async () => {
      const { refresh_token } = await signIn()
      const { session, time } = await startSession(refresh_token)
      const refreshed = vi.fn()
      session.subscribe('refreshed', refreshed)
      expect(await running.isValid(await session.getAccessToken())).toBe(true)
      // The second refresh needs the refresh token of the first.
      time.ahead = 7_200_000
      expect(await running.isValid(await session.getAccessToken())).toBe(true)
      expect(refreshed).toHaveBeenCalledTimes(2)
      session.close()
      results.pass(server.name, 'session', auth)
    })

    it('signs out', async () => {
      const { session } = await startSession((await signIn()).refresh_token)
      const { refresh_token = '' } = await session.getToken()
      const { revoked } = await session.signOut()
      expect(revoked).toBe(transport.revocation_endpoint !== undefined)
      await expect(session.getToken()).rejects.toMatchObject({ code: 'LoginRequired', cause: 'signed_out' })
      session.close()
      const { session: other } = await startSession(refresh_token)
      const outcome = other.getToken().then(
        () => 'refreshed',
        (error: PDSError) => `${error.code}: ${error.cause}`,
      )
      expect(await outcome).toBe(server.lacks['sign-out'] ? 'refreshed' : 'LoginRequired: rejected')
      other.close()
      results.pass(server.name, 'sign-out', auth)
    })

    it('rejects the callback of another issuer', async () => {
      const { request, callback } = await startSignIn()
      const url = new URL(callback)
      const hasIssuer = url.searchParams.has('iss')
      expect(hasIssuer).toBe(!server.lacks['forged `iss`'])
      url.searchParams.set('iss', 'https://attacker.example.com')
      if (running.config.metadata) {
        expect(() => parseCallback(url, request)).toThrow(expect.objectContaining({ code: 'IssuerMismatch' }))
      }
      url.searchParams.delete('iss')
      if (hasIssuer) {
        expect(() => parseCallback(url, request)).toThrow(expect.objectContaining({ code: 'IssuerMissing' }))
      }
      results.pass(server.name, 'forged `iss`', auth)
    })
  })
})

it('@node-oauth/oauth2-server does not decode the credentials in the header', async () => {
  const running = await oauth2Server.start()
  const transport = createTransport(running.config)
  const { client_secret, ...app } = running.apps.client_secret_post
  const exchange = async (client_auth: 'post' | 'basic') => {
    const request = await createAuthorizationUrl(transport, app)
    const response = parseCallback(await running.signIn(request.url), request)
    return getTokenByCode(transport, { ...response, client_secret, client_auth })
  }
  expect(await exchange('post')).toHaveProperty('access_token')
  await expect(exchange('basic')).rejects.toMatchObject({ code: 'invalid_client' })
  await running.close()
})

it('has its results in docs/interoperability.md', () => results.check())
