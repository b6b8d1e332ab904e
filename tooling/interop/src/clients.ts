import type { RunningEmulator } from '@pds/emulator'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { AuthorizationCode } from 'simple-oauth2'
import type { AuthMethod, Subject } from './results.ts'

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
export interface Client extends Subject<'clients'> {
  create(issuer: string, registration: Registration, auth: AuthMethod): Promise<Flows>
}

/** The flows that every client must pass. */
interface Flows {
  /** Returns the URL of the sign-in, with PKCE and a state. */
  start(): Promise<URL>
  /** Exchanges the code of the callback URL. */
  complete(callback: URL): Promise<Tokens>
  refresh(tokens: Tokens): Promise<Tokens>
  revoke(token: string): Promise<void>
}

// The emulator issues no ID tokens. These clients accept that, unless the application requires one.
const scope = 'openid FILE.ALL'

const openidClient: Client = {
  name: 'openid-client',
  settings: '`allowInsecureRequests`',
  auths: ['none', 'client_secret_basic', 'client_secret_post'],
  lacks: {},
  async create(issuer, { client_id, client_secret = '', redirect_uri }, auth) {
    const authenticate: Record<AuthMethod, (client_secret: string) => openid.ClientAuth> = {
      none: openid.None,
      client_secret_basic: openid.ClientSecretBasic,
      client_secret_post: openid.ClientSecretPost,
    }
    const authentication = authenticate[auth](client_secret)
    const config = await openid.discovery(new URL(issuer), client_id, undefined, authentication, {
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

const oauth4webapi: Client = {
  name: 'oauth4webapi',
  settings: '`allowInsecureRequests`',
  auths: ['none', 'client_secret_basic', 'client_secret_post'],
  lacks: {},
  async create(issuer, { client_id, client_secret = '', redirect_uri }, auth) {
    const options = { [oauth.allowInsecureRequests]: true }
    const url = new URL(issuer)
    const discovered = await oauth.discoveryRequest(url, options)
    const server = await oauth.processDiscoveryResponse(url, discovered)
    const client: oauth.Client = { client_id }
    const authenticate: Record<AuthMethod, (client_secret: string) => oauth.ClientAuth> = {
      none: oauth.None,
      client_secret_basic: oauth.ClientSecretBasic,
      client_secret_post: oauth.ClientSecretPost,
    }
    const authentication = authenticate[auth](client_secret)
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
          ...([server, client, authentication, params, redirect_uri, verifier, options] as const),
        )
        return tokensOf(await oauth.processAuthorizationCodeResponse(server, client, response))
      },
      async refresh({ refresh_token }) {
        const response = await oauth.refreshTokenGrantRequest(
          server,
          client,
          authentication,
          refresh_token,
          options,
        )
        return tokensOf(await oauth.processRefreshTokenResponse(server, client, response))
      },
      async revoke(token) {
        const response = await oauth.revocationRequest(server, client, authentication, token, options)
        await oauth.processRevocationResponse(response)
      },
    }
  },
}

const simpleOauth2: Client = {
  name: 'simple-oauth2',
  settings: 'the paths of the endpoints, because it reads no metadata',
  // It has neither PKCE nor public applications.
  auths: ['client_secret_basic', 'client_secret_post'],
  lacks: { 'sign-in': 'passes; has no PKCE', 'forged state': 'leaves the check to the application' },
  async create(issuer, { client_id, client_secret = '', redirect_uri }, auth) {
    const client = new AuthorizationCode({
      client: { id: client_id, secret: client_secret },
      auth: {
        tokenHost: issuer,
        tokenPath: '/v2/oauth/token',
        authorizePath: '/v2/oauth/authorize',
        revokePath: '/v2/oauth/revoke',
      },
      options: { authorizationMethod: auth === 'client_secret_basic' ? 'header' : 'body' },
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
