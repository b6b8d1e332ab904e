import { importPKCS8, SignJWT } from 'jose'
import * as openid from 'openid-client'
import { application, claims, endpoint, expectToken, grant_type } from './application.mjs'

if (endpoint) {
  const { client_id, private_key_pem } = application
  const server = { issuer: endpoint, token_endpoint: `${endpoint}/v2/oauth/token` }
  const configuration = new openid.Configuration(server, client_id, undefined, openid.None())
  openid.allowInsecureRequests(configuration)
  const key = await importPKCS8(private_key_pem, 'RS256')
  const assertion = await new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', typ: 'JWT' }).sign(key)
  const { access_token } = await openid.genericGrantRequest(configuration, grant_type, { assertion })
  expectToken(access_token)
}
