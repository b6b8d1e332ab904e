import { getTokenByCode, parseCallback, refreshToken } from '@pds/auth-oauth'
import * as core from '@pds/core'
import * as coreFetch from '@pds/core/fetch'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { AuthorizationCode } from 'simple-oauth2'
import type { Role } from '../../harness/benchmark.ts'

/** The field of a token that the clients have in common. */
interface Token {
  access_token?: unknown
}

/** A client that gets tokens for a signed-in user of a public application. */
export interface OAuthClient {
  name: string
  role: Role
  packages: readonly string[]
  /** Parses the authorization response, and exchanges its code. */
  exchange(): Promise<Token>
  refresh(): Promise<Token>
}

const client_id = 'app-1'
const redirect_uri = 'https://app.example/callback'
const state = 's'.repeat(43)
const code_verifier = 'v'.repeat(43)
const code = 'c'.repeat(32)
const refresh_token = 'r'.repeat(32)
const callback = `${redirect_uri}?${new URLSearchParams({ code, state })}`

/** The forms that each client must send for a sign-in with PKCE. */
export const forms = {
  exchange: { grant_type: 'authorization_code', client_id, code, redirect_uri, code_verifier },
  // PDS requires the redirect URI here, too.
  refresh: { grant_type: 'refresh_token', client_id, refresh_token, redirect_uri },
} as const

/** The entries of our transport. */
export const entries = { '@pds/core': core, '@pds/core/fetch': coreFetch } as const

/** Creates the measured clients for a server. `entry` is the one of our transport. */
export function oauthClients(endpoint: string, entry: keyof typeof entries): readonly OAuthClient[] {
  return [
    ours(endpoint, entry),
    oauth4webapi(endpoint),
    openidClient(endpoint),
    simpleOauth2(endpoint),
    baseline(endpoint),
  ]
}

function ours(endpoint: string, entry: keyof typeof entries): OAuthClient {
  const transport = entries[entry].createTransport({ api_endpoint: endpoint })
  const request = { url: '', client_id, redirect_uri, state, code_verifier }
  return {
    name: '@pds/auth-oauth',
    role: 'ours',
    packages: ['@pds/auth-oauth', '@pds/core'],
    exchange: () => getTokenByCode(transport, parseCallback(callback, request)),
    refresh: () => refreshToken(transport, { client_id, redirect_uri, refresh_token }),
  }
}

function oauth4webapi(endpoint: string): OAuthClient {
  const server = { issuer: endpoint, token_endpoint: `${endpoint}/v2/oauth/token` }
  const client = { client_id }
  // Without this option, it rejects http: URLs.
  const options = { [oauth.allowInsecureRequests]: true }
  return {
    name: 'oauth4webapi',
    role: 'other',
    packages: ['oauth4webapi'],
    async exchange() {
      const params = oauth.validateAuthResponse(server, client, new URL(callback), state)
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        oauth.None(),
        params,
        redirect_uri,
        code_verifier,
        options,
      )
      return oauth.processAuthorizationCodeResponse(server, client, response)
    },
    async refresh() {
      const response = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), refresh_token, {
        ...options,
        additionalParameters: { redirect_uri },
      })
      return oauth.processRefreshTokenResponse(server, client, response)
    },
  }
}

function openidClient(endpoint: string): OAuthClient {
  const server = { issuer: endpoint, token_endpoint: `${endpoint}/v2/oauth/token` }
  const configuration = new openid.Configuration(server, client_id, undefined, openid.None())
  openid.allowInsecureRequests(configuration)
  const checks = { pkceCodeVerifier: code_verifier, expectedState: state }
  return {
    name: 'openid-client',
    role: 'other',
    packages: ['openid-client'],
    exchange: () => openid.authorizationCodeGrant(configuration, new URL(callback), checks),
    refresh: () => openid.refreshTokenGrant(configuration, refresh_token, { redirect_uri }),
  }
}

/** Opens a connection for each request: it copies a given agent, and the copies keep no connection. */
function simpleOauth2(endpoint: string): OAuthClient {
  const client = new AuthorizationCode({
    // It requires a secret.
    client: { id: client_id, secret: '' },
    auth: { tokenHost: endpoint, tokenPath: '/v2/oauth/token' },
    options: { authorizationMethod: 'body' },
  })
  return {
    name: 'simple-oauth2',
    role: 'other',
    packages: ['simple-oauth2'],
    async exchange() {
      const params = { code: codeOf(callback), redirect_uri, code_verifier }
      return (await client.getToken(params)).token
    },
    async refresh() {
      // Its types allow only a scope, but it sends all parameters.
      const params: object = { redirect_uri }
      return (await client.createToken({ refresh_token }).refresh(params)).token
    },
  }
}

function baseline(endpoint: string): OAuthClient {
  const send = async (form: Readonly<Record<string, string>>): Promise<Token> => {
    const body = new URLSearchParams(form)
    return (await (await fetch(`${endpoint}/v2/oauth/token`, { method: 'POST', body })).json()) as Token
  }
  return {
    name: 'fetch',
    role: 'baseline',
    packages: [],
    exchange: () => send({ ...forms.exchange, code: codeOf(callback) }),
    refresh: () => send(forms.refresh),
  }
}

function codeOf(address: string): string {
  return new URL(address).searchParams.get('code') ?? ''
}
