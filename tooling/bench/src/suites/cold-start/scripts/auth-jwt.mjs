import { getUserJwtToken } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import { application, endpoint, expectToken, user_id } from './application.mjs'

if (endpoint) {
  const transport = createTransport({ api_endpoint: endpoint })
  const { access_token } = await getUserJwtToken(transport, { ...application, user_id })
  expectToken(access_token)
}
