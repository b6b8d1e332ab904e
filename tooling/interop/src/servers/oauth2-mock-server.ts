import { createPublicKey, verify } from 'node:crypto'
import { OAuth2Server } from 'oauth2-mock-server'
import { fetchMetadata, redirect_uri, type Server } from './server.ts'

const app = { client_id: 'any', redirect_uri }

/** A server for tests: it knows no applications, checks only PKCE and keeps no tokens. */
export const oauth2MockServer: Server = {
  name: 'oauth2-mock-server',
  settings: '—',
  // Its metadata names only this way, and it checks no secret.
  auths: ['none'],
  params: {},
  issuesIdTokens: true,
  rotates: () => true,
  lacks: {
    'sign-out': 'accepts the request and keeps no tokens to revoke',
    'forged `iss`': 'sends no `iss`',
  },
  async start() {
    const server = new OAuth2Server()
    await server.issuer.keys.generate('RS256')
    await server.start(0, '127.0.0.1')
    const metadata = await fetchMetadata(`${server.issuer.url}/.well-known/openid-configuration`)
    return {
      config: { metadata },
      apps: { none: app, client_secret_basic: app, client_secret_post: app },
      async signIn(url) {
        const response = await fetch(url, { redirect: 'manual' })
        return response.headers.get('location') ?? ''
      },
      // It has no endpoint that tells its tokens from others, so the signature decides.
      async isValid(access_token) {
        const [header, payload, signature = ''] = access_token.split('.')
        const { keys } = await (await fetch(metadata.jwks_uri)).json()
        const key = createPublicKey({ key: keys[0], format: 'jwk' })
        return verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))
      },
      close: () => server.stop(),
    }
  },
}
