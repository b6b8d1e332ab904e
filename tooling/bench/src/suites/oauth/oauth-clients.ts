import { getTokenByCode, parseCallback, refreshToken } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { AuthorizationCode } from 'simple-oauth2'
import type { Role } from '../../harness/benchmark.ts'

/** What each of them gives, under whatever names it has for it. */
interface Token {
  access_token?: unknown
}

/** Somebody who can get tokens for the user of a public application who has signed in. */
export interface OAuthClient {
  name: string
  role: Role
  packages: readonly string[]
  /** Reads the callback of the sign-in, and exchanges its code. */
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

/** What each of them has to send, of a sign-in with PKCE. */
export const forms = {
  exchange: { grant_type: 'authorization_code', client_id, code, redirect_uri, code_verifier },
  // PDS wants the redirect URI here, too.
  refresh: { grant_type: 'refresh_token', client_id, refresh_token, redirect_uri },
} as const

/** Those who are measured, with the address of the server that they talk to. */
export function oauthClients(endpoint: string): readonly OAuthClient[] {
  return [
    ours(endpoint),
    oauth4webapi(endpoint),
    openidClient(endpoint),
    simpleOauth2(endpoint),
    limit(endpoint),
  ]
}

function ours(endpoint: string): OAuthClient {
  const transport = createTransport({ api_endpoint: endpoint })
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
  // It sends nothing to an http: address otherwise.
  const options = { [oauth.allowInsecureRequests]: true }
  return {
    name: 'oauth4webapi',
    role: 'peer',
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
    role: 'peer',
    packages: ['openid-client'],
    exchange: () => openid.authorizationCodeGrant(configuration, new URL(callback), checks),
    refresh: () => openid.refreshTokenGrant(configuration, refresh_token, { redirect_uri }),
  }
}

/** Each of its requests opens a connection: it copies an agent that it is given, and the copies keep none. */
function simpleOauth2(endpoint: string): OAuthClient {
  const client = new AuthorizationCode({
    // It knows no application without a secret.
    client: { id: client_id, secret: '' },
    auth: { tokenHost: endpoint, tokenPath: '/v2/oauth/token' },
    options: { authorizationMethod: 'body' },
  })
  return {
    name: 'simple-oauth2',
    role: 'peer',
    packages: ['simple-oauth2'],
    async exchange() {
      const params = { code: codeOf(callback), redirect_uri, code_verifier }
      return (await client.getToken(params)).token
    },
    async refresh() {
      // Its types know nothing but a scope; it sends what it is given.
      const params: object = { redirect_uri }
      return (await client.createToken({ refresh_token }).refresh(params)).token
    },
  }
}

function limit(endpoint: string): OAuthClient {
  const send = async (form: Readonly<Record<string, string>>): Promise<Token> => {
    const body = new URLSearchParams(form)
    return (await (await fetch(`${endpoint}/v2/oauth/token`, { method: 'POST', body })).json()) as Token
  }
  return {
    name: 'fetch',
    role: 'limit',
    packages: [],
    exchange: () => send({ ...forms.exchange, code: codeOf(callback) }),
    refresh: () => send(forms.refresh),
  }
}

function codeOf(address: string): string {
  return new URL(address).searchParams.get('code') ?? ''
}
