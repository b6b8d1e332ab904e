import { PDSClient } from '@pds/client'
import { application, endpoint, expectToken, user_id } from './application.mjs'

if (endpoint) {
  const client = new PDSClient({ api_endpoint: endpoint })
  const { access_token } = await client.getUserJwtToken({ ...application, user_id })
  expectToken(access_token)
}
