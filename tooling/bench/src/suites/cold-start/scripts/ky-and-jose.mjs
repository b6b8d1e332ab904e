import { SignJWT } from 'jose/jwt/sign'
import ky from 'ky'
import { application, claims, endpoint, expectToken, grant_type } from './application.mjs'

if (endpoint) {
  const { client_id, private_key_pem } = application
  const der = Buffer.from(private_key_pem.replaceAll(/-----.*-----/g, ''), 'base64')
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
  const assertion = await new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', typ: 'JWT' }).sign(key)
  const body = new URLSearchParams({ grant_type, client_id, assertion })
  const { access_token } = await ky.post(`${endpoint}/v2/oauth/token`, { body }).json()
  expectToken(access_token)
}
