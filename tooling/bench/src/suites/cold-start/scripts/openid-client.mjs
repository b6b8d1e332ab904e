import * as openid from 'openid-client'
import { application, endpoint, expectToken, redirect_uri, refresh_token } from './application.mjs'

if (endpoint) {
  const server = { issuer: endpoint, token_endpoint: `${endpoint}/v2/oauth/token` }
  const configuration = new openid.Configuration(server, application.client_id, undefined, openid.None())
  openid.allowInsecureRequests(configuration)
  const { access_token } = await openid.refreshTokenGrant(configuration, refresh_token, { redirect_uri })
  expectToken(access_token)
}
