import { PDSClient } from '@pds/client'
import { failureOf, verify } from './verify.mjs'

/** Obtains a token with the umbrella, where that signs, and calls the API with it, or with the one that is given. */
export async function run({ api_endpoint, domain_id, client_id, user_id, pem, token }) {
  const client = new PDSClient({ api_endpoint })
  const params = { domain_id, client_id, private_key_pem: pem.pkcs8, user_id }
  const anonymous = await failureOf(client.postAPI('/user/get'))
  verify('a call without a token', anonymous.code, 'AccessTokenInvalid')
  if (token) {
    const refused = await failureOf(client.getUserJwtToken(params))
    verify('signing', refused.code, 'UnsupportedEnvironment')
  }
  client.setToken(token ?? (await client.getUserJwtToken(params)))
  const user = await client.postAPI('/user/get', { user_id })
  verify('the user', user.user_id, user_id)
  return { user_id: user.user_id }
}
