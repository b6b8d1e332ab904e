import ky from 'ky'
import { application, endpoint, expectToken, redirect_uri, refresh_token } from './application.mjs'

if (endpoint) {
  const { client_id } = application
  const body = new URLSearchParams({ grant_type: 'refresh_token', client_id, redirect_uri, refresh_token })
  const { access_token } = await ky.post(`${endpoint}/v2/oauth/token`, { body }).json()
  expectToken(access_token)
}
