import { text } from 'node:stream/consumers'
import OAuth2Server, { Request, Response } from '@node-oauth/oauth2-server'
import { listen, redirect_uri, type Server } from './server.ts'

type Code = OAuth2Server.AuthorizationCode
type Token = OAuth2Server.Token

const apps = {
  none: { client_id: 'public', redirect_uri },
  client_secret_basic: { client_id: 'basic', client_secret: 'a-secret', redirect_uri },
  client_secret_post: { client_id: 'post', client_secret: 'a secret: +/%', redirect_uri },
}

/** Returns the model that the package leaves to the application: its clients, codes and tokens, in memory. */
function createModel(): OAuth2Server.AuthorizationCodeModel & OAuth2Server.RefreshTokenModel {
  const codes = new Map<string, Code>()
  const tokens = new Set<Token>()
  return {
    async getClient(id, secret) {
      const app = Object.values(apps).find(({ client_id }) => client_id === id)
      // Without a secret if an authorization code or a public application is checked.
      if (!app || (secret && (!('client_secret' in app) || app.client_secret !== secret))) return false
      return { id, redirectUris: [redirect_uri], grants: ['authorization_code', 'refresh_token'] }
    },
    async saveAuthorizationCode(code, client, user) {
      const saved = { ...code, client, user }
      codes.set(code.authorizationCode, saved)
      return saved
    },
    getAuthorizationCode: async (code) => codes.get(code),
    revokeAuthorizationCode: async ({ authorizationCode }) => codes.delete(authorizationCode),
    async saveToken(token, client, user) {
      const saved = { ...token, client, user }
      tokens.add(saved)
      return saved
    },
    getAccessToken: async (value) => [...tokens].find(({ accessToken }) => accessToken === value),
    getRefreshToken: async (value) =>
      [...tokens].find((token): token is Token & { refreshToken: string } => token.refreshToken === value),
    revokeToken: async (token) => tokens.delete(token as Token),
  }
}

/** A library of request handlers. The paths and the sign-in are the application's. */
export const oauth2Server: Server = {
  name: '@node-oauth/oauth2-server',
  settings:
    'the URLs of the endpoints, because it has no metadata; `requireClientAuthentication` off for public applications; for `client_secret_basic`, a secret of letters, digits and `-._*`, because it does not decode the header (RFC 6749 section 2.3.1)',
  auths: ['none', 'client_secret_basic', 'client_secret_post'],
  params: { login_type: null },
  issuesIdTokens: false,
  rotates: () => true,
  lacks: { 'sign-out': 'has no revocation endpoint', 'forged `iss`': 'sends no `iss`' },
  async start() {
    const model = createModel()
    const server = new OAuth2Server({ model })
    const { origin, close } = await listen(() => async (incoming, outgoing) => {
      const { pathname, searchParams } = new URL(incoming.url ?? '', 'http://localhost')
      const body = Object.fromEntries(new URLSearchParams(await text(incoming)))
      const request = new Request({
        headers: incoming.headers as Record<string, string>,
        method: incoming.method ?? '',
        query: Object.fromEntries(searchParams),
        body,
      })
      const response = new Response()
      const isConfidential = body.client_id !== apps.none.client_id
      const handlers: Record<string, () => Promise<unknown>> = {
        // The user is signed in and has approved.
        '/authorize': () =>
          server.authorize(request, response, { authenticateHandler: { handle: () => ({ id: 'user-1' }) } }),
        '/token': () =>
          server.token(request, response, {
            requireClientAuthentication: {
              authorization_code: isConfidential,
              refresh_token: isConfidential,
            },
          }),
        '/user': () => server.authenticate(request, response),
      }
      const handle = handlers[pathname]
      if (!handle) {
        outgoing.writeHead(404).end()
        return
      }
      try {
        await handle()
      } catch (error) {
        // The first two have written more than the status to the response.
        response.status = (error as OAuth2Server.OAuthError).code
      }
      outgoing.writeHead(response.status ?? 500, response.headers).end(JSON.stringify(response.body))
    })
    return {
      config: {
        api_endpoint: 'https://api.example.com',
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
      },
      apps,
      async signIn(url) {
        const response = await fetch(url, { redirect: 'manual' })
        return response.headers.get('location') ?? ''
      },
      async isValid(access_token) {
        const headers = { authorization: `Bearer ${access_token}` }
        return (await fetch(`${origin}/user`, { headers })).ok
      },
      close,
    }
  },
}
