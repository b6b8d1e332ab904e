import { Provider } from 'oidc-provider'
import { fetchMetadata, listen, type RunningServer, redirect_uri, type Server } from './server.ts'
import { UserAgent } from './user-agent.ts'

/** An OpenID Connect server, with the sign-in pages that it has for development. */
export const oidcProvider: Server = {
  name: 'oidc-provider',
  settings:
    '`features.revocation`; the scope `openid offline_access` with `prompt=consent`, without which it returns no refresh token',
  auths: ['none', 'client_secret_basic', 'client_secret_post'],
  params: { scope: 'openid offline_access', prompt: 'consent' },
  issuesIdTokens: true,
  // A confidential application keeps its refresh token for 70% of its lifetime.
  rotates: (auth) => auth === 'none',
  lacks: {},
  start: () => startOidcProvider(redirect_uri),
}

/** Starts oidc-provider with applications that have this redirect URI. */
export async function startOidcProvider(redirect_uri: string): Promise<RunningServer> {
  const client_secret = 'a secret: +/%'
  const apps = {
    none: { client_id: 'public', redirect_uri },
    client_secret_basic: { client_id: 'basic', client_secret, redirect_uri },
    client_secret_post: { client_id: 'post', client_secret, redirect_uri },
  }
  const { origin, close } = await listen((origin) =>
    new Provider(origin, {
      features: { revocation: { enabled: true } },
      clients: Object.entries(apps).map(([token_endpoint_auth_method, { redirect_uri, ...app }]) => ({
        ...app,
        token_endpoint_auth_method,
        redirect_uris: [redirect_uri],
        grant_types: ['authorization_code', 'refresh_token'],
      })),
    }).callback(),
  )
  const metadata = await fetchMetadata(`${origin}/.well-known/openid-configuration`)
  return {
    config: { metadata },
    apps,
    async signIn(url) {
      const agent = new UserAgent()
      const consent = await agent.submit(await agent.open(url), { login: 'user-1', password: 'any' })
      return (await agent.submit(consent)).url
    },
    async isValid(access_token) {
      const headers = { authorization: `Bearer ${access_token}` }
      return (await fetch(metadata.userinfo_endpoint, { headers })).ok
    },
    close,
  }
}
