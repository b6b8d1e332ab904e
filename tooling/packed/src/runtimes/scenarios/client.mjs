import { PDSClient } from '@pds/client'
import { failureOf, verify } from './verify.mjs'

/** Calls the API with the client. Obtains a token by signing, or uses `token` if the runtime cannot sign. */
export async function run({ api_endpoint, domain_id, client_id, user_id, pem, token }) {
  const client = new PDSClient({ api_endpoint })
  const params = { domain_id, client_id, private_key_pem: pem.pkcs8, user_id }
  const anonymous = await failureOf(client.postAPI('/user/get'))
  verify('a call without a token', anonymous.code, 'AccessTokenInvalid')
  if (token) {
    const rejection = await failureOf(client.getUserJwtToken(params))
    verify('signing', rejection.code, 'UnsupportedEnvironment')
  }
  client.setToken(token ?? (await client.getUserJwtToken(params)))
  const user = await client.postAPI('/user/get', { user_id })
  verify('the user', user.user_id, user_id)
  return { user_id: user.user_id }
}
