import type { RunningEmulator } from '@pds/emulator'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { AuthorizationCode } from 'simple-oauth2'

/** The application that a client uses. */
export interface Registration {
  client_id: string
  client_secret?: string
  redirect_uri: string
}

/** The tokens that a client received. */
interface Tokens {
  access_token: string
  refresh_token: string
}

/** The flows of a client that was not written here, against a server at `issuer`. */
export interface Client {
  /** The name of its package on npm. */
  name: string
  /** The settings that differ from the defaults of the client, for the table. */
  settings: string
  /** Whether it authenticates with `client_secret_basic` or in the body. */
  create(issuer: string, registration: Registration, auth: 'basic' | 'post'): Promise<Flows>
}

/** The flows that every client must pass. */
interface Flows {
  /** Returns the URL of the sign-in, with PKCE and a state. */
  start(): Promise<URL>
  /** Exchanges the code of the callback URL. */
  complete(callback: URL): Promise<Tokens>
  refresh(tokens: Tokens): Promise<Tokens>
  revoke?(token: string): Promise<void>
}

const scope = 'FILE.ALL'

const openidClient: Client = {
  name: 'openid-client',
  settings: '`allowInsecureRequests` for `http:`; no scope `openid`',
  async create(issuer, { client_id, client_secret, redirect_uri }, auth) {
    const method = client_secret === undefined ? openid.None() : authentication(auth, client_secret)
    const config = await openid.discovery(new URL(issuer), client_id, client_secret, method, {
      execute: [openid.allowInsecureRequests],
    })
    const pkceCodeVerifier = openid.randomPKCECodeVerifier()
    const expectedState = openid.randomState()
    return {
      async start() {
        const code_challenge = await openid.calculatePKCECodeChallenge(pkceCodeVerifier)
        const challenge = { code_challenge, code_challenge_method: 'S256' }
        return openid.buildAuthorizationUrl(config, {
          redirect_uri,
          scope,
          state: expectedState,
          ...challenge,
        })
      },
      complete: async (callback) =>
        tokensOf(await openid.authorizationCodeGrant(config, callback, { pkceCodeVerifier, expectedState })),
      refresh: async ({ refresh_token }) => tokensOf(await openid.refreshTokenGrant(config, refresh_token)),
      revoke: (token) => openid.tokenRevocation(config, token),
    }
  },
}

function authentication(auth: 'basic' | 'post', client_secret: string): openid.ClientAuth {
  return auth === 'basic' ? openid.ClientSecretBasic(client_secret) : openid.ClientSecretPost(client_secret)
}

const oauth4webapi: Client = {
  name: 'oauth4webapi',
  settings: '`allowInsecureRequests` for `http:`; no scope `openid`',
  async create(issuer, { client_id, client_secret, redirect_uri }, auth) {
    const options = { [oauth.allowInsecureRequests]: true }
    const url = new URL(issuer)
    const discovered = await oauth.discoveryRequest(url, { algorithm: 'oauth2', ...options })
    const server = await oauth.processDiscoveryResponse(url, discovered)
    const client: oauth.Client = { client_id }
    const authenticate =
      client_secret === undefined
        ? oauth.None()
        : auth === 'basic'
          ? oauth.ClientSecretBasic(client_secret)
          : oauth.ClientSecretPost(client_secret)
    const verifier = oauth.generateRandomCodeVerifier()
    const state = oauth.generateRandomState()
    return {
      async start() {
        const authorization = new URL(server.authorization_endpoint ?? '')
        const params = { client_id, redirect_uri, scope, state, response_type: 'code' }
        const code_challenge = await oauth.calculatePKCECodeChallenge(verifier)
        authorization.search = String(
          new URLSearchParams({ ...params, code_challenge, code_challenge_method: 'S256' }),
        )
        return authorization
      },
      async complete(callback) {
        const params = oauth.validateAuthResponse(server, client, callback, state)
        const response = await oauth.authorizationCodeGrantRequest(
          ...([server, client, authenticate, params, redirect_uri, verifier, options] as const),
        )
        return tokensOf(await oauth.processAuthorizationCodeResponse(server, client, response))
      },
      async refresh({ refresh_token }) {
        const response = await oauth.refreshTokenGrantRequest(
          server,
          client,
          authenticate,
          refresh_token,
          options,
        )
        return tokensOf(await oauth.processRefreshTokenResponse(server, client, response))
      },
      async revoke(token) {
        const response = await oauth.revocationRequest(server, client, authenticate, token, options)
        await oauth.processRevocationResponse(response)
      },
    }
  },
}

const simpleOauth2: Client = {
  name: 'simple-oauth2',
  settings:
    'the paths of the endpoints, since it reads no metadata; it has no PKCE; only applications with a secret',
  async create(issuer, { client_id, client_secret = '', redirect_uri }, auth) {
    const client = new AuthorizationCode({
      client: { id: client_id, secret: client_secret },
      auth: {
        tokenHost: issuer,
        tokenPath: '/v2/oauth/token',
        authorizePath: '/v2/oauth/authorize',
        revokePath: '/v2/oauth/revoke',
      },
      options: { authorizationMethod: auth === 'basic' ? 'header' : 'body' },
    })
    let current: ReturnType<typeof client.createToken> | undefined
    return {
      start: async () => new URL(client.authorizeURL({ redirect_uri, scope, state: 'the-state' })),
      async complete(callback) {
        const code = callback.searchParams.get('code') ?? ''
        current = await client.getToken({ code, redirect_uri })
        return tokensOf(current.token)
      },
      async refresh() {
        current = await current?.refresh()
        return tokensOf(current?.token ?? {})
      },
      revoke: async () => current?.revoke('refresh_token'),
    }
  },
}

/** The clients that run in Node.js. */
export const clients: readonly Client[] = [openidClient, oauth4webapi, simpleOauth2]

function tokensOf(response: { access_token?: unknown; refresh_token?: unknown }): Tokens {
  const { access_token, refresh_token } = response
  if (typeof access_token !== 'string' || typeof refresh_token !== 'string')
    throw new Error('the tokens are missing')
  return { access_token, refresh_token }
}

/** Signs the first user in without a page. Returns the callback URL. */
export async function approve({ users }: RunningEmulator, url: URL): Promise<URL> {
  const signIn = new URL(url)
  signIn.searchParams.set('user_id', users[0]?.user_id ?? '')
  const response = await fetch(signIn, { redirect: 'manual' })
  return new URL(response.headers.get('location') ?? 'about:blank')
}
