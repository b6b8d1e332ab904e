import { AuthorizationCode } from 'simple-oauth2'
import { application, endpoint, expectToken, redirect_uri, refresh_token } from './application.mjs'

if (endpoint) {
  const client = new AuthorizationCode({
    client: { id: application.client_id, secret: '' },
    auth: { tokenHost: endpoint, tokenPath: '/v2/oauth/token' },
    options: { authorizationMethod: 'body' },
  })
  const { token } = await client.createToken({ refresh_token }).refresh({ redirect_uri })
  expectToken(token.access_token)
}
