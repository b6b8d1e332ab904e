import * as oauth from 'oauth4webapi'
import { application, endpoint, expectToken, redirect_uri, refresh_token } from './application.mjs'

if (endpoint) {
  const server = { issuer: endpoint, token_endpoint: `${endpoint}/v2/oauth/token` }
  const client = { client_id: application.client_id }
  const response = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), refresh_token, {
    additionalParameters: { redirect_uri },
    [oauth.allowInsecureRequests]: true,
  })
  const { access_token } = await oauth.processRefreshTokenResponse(server, client, response)
  expectToken(access_token)
}
