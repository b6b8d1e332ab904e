import { oauthProvider } from '@better-auth/oauth-provider'
import { type BetterAuthPlugin, betterAuth } from 'better-auth'
import { toNodeHandler } from 'better-auth/node'
import { jwt } from 'better-auth/plugins'
import type { AuthMethod } from '../results.ts'
import { type App, fetchMetadata, listen, redirect_uri, type Server } from './server.ts'
import { UserAgent, type Visit } from './user-agent.ts'

const user = { name: 'User 1', email: 'user-1@example.com', password: 'the password' }

/**
 * The OAuth server of an application framework. The application brings the two pages, which call its API.
 *
 * The peer dependencies of version 1.7.5 fit better-auth 1.7.5 to 1.7.7.
 */
export const betterAuthServer: Server = {
  name: '@better-auth/oauth-provider',
  host: 'better-auth',
  settings: 'the scope `offline_access`, without which it returns no refresh token',
  auths: ['none', 'client_secret_basic', 'client_secret_post'],
  params: { scope: 'openid offline_access' },
  issuesIdTokens: true,
  rotates: () => true,
  lacks: {},
  async start() {
    const { origin, close } = await listen((origin) => {
      const auth = betterAuth({
        baseURL: origin,
        secret: 'oBe4Kx0dWq2mZ7sTfYvN9hLr3cJgUa6P',
        emailAndPassword: { enabled: true },
        // Its types do not fit the compiler option exactOptionalPropertyTypes.
        plugins: [
          jwt(),
          oauthProvider({ loginPage: '/sign-in', consentPage: '/consent' }) as BetterAuthPlugin,
        ],
      })
      const handle = toNodeHandler(auth)
      // The two pages are empty: the user agent sends what their scripts would send.
      return (request, response) =>
        /^\/(sign-in|consent)\?/.test(request.url ?? '') ? response.end() : handle(request, response)
    })
    const send = async (agent: UserAgent, path: string, fields: object) => {
      const headers = { 'content-type': 'application/json', origin }
      const body = JSON.stringify(fields)
      return agent.open(`${origin}/api/auth${path}`, { method: 'POST', headers, body })
    }
    const developer = new UserAgent()
    await send(developer, '/sign-up/email', user)
    const register = async (token_endpoint_auth_method: AuthMethod): Promise<App> => {
      const metadata = { redirect_uris: [redirect_uri], token_endpoint_auth_method }
      const { text = '' } = await send(developer, '/oauth2/create-client', metadata)
      const { client_id, client_secret } = JSON.parse(text)
      return { client_id, redirect_uri, ...(client_secret && { client_secret }) }
    }
    const metadata = await fetchMetadata(`${origin}/.well-known/oauth-authorization-server/api/auth`)
    return {
      config: { metadata },
      apps: {
        none: await register('none'),
        client_secret_basic: await register('client_secret_basic'),
        client_secret_post: await register('client_secret_post'),
      },
      async signIn(url) {
        const agent = new UserAgent()
        // A script gets the URL of the next page in JSON. Node.js marks its requests like a script in a page does.
        const follow = ({ url, text = '' }: Visit) => agent.open(new URL(JSON.parse(text).url, url).href)
        const queryOf = (page: Visit) => new URL(page.url).search.slice(1)
        const signInPage = await follow(await agent.open(url))
        const signIn = { ...user, oauth_query: queryOf(signInPage) }
        const consentPage = await follow(await send(agent, '/sign-in/email', signIn))
        // The user has consented in an earlier sign-in.
        if (consentPage.url.startsWith(redirect_uri)) return consentPage.url
        const consent = { accept: true, oauth_query: queryOf(consentPage) }
        return (await follow(await send(agent, '/oauth2/consent', consent))).url
      },
      async isValid(access_token) {
        const headers = { authorization: `Bearer ${access_token}` }
        return (await fetch(metadata.userinfo_endpoint, { headers })).ok
      },
      close,
    }
  },
}
