import { refreshToken } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import { application, endpoint, expectToken, redirect_uri, refresh_token } from './application.mjs'

if (endpoint) {
  const transport = createTransport({ api_endpoint: endpoint })
  const { client_id } = application
  const { access_token } = await refreshToken(transport, { client_id, redirect_uri, refresh_token })
  expectToken(access_token)
}
