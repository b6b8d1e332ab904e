import {
  createAuthorizationUrl,
  getTokenByCode,
  parseCallback,
  refreshToken,
  revokeToken,
} from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import { failureOf, statusOf, verify } from './verify.mjs'

/** Signs a user in, refreshes the token, uses a refresh token twice and signs out. */
export async function run({ api_endpoint, app, user_id }) {
  const transport = createTransport({ api_endpoint })
  const request = await createAuthorizationUrl(transport, app)
  // With a user_id, the emulator approves without a page and redirects to the application.
  const callback = await fetch(`${request.url}&user_id=${user_id}`)
  const first = await getTokenByCode(transport, parseCallback(callback.url, request))
  verify('the user', first.user_id, user_id)
  verify('the status of a token', await statusOf(api_endpoint, first.access_token), 200)

  const refresh = (token) => refreshToken(transport, { ...app, refresh_token: token.refresh_token })
  const second = await refresh(first)
  verify('the status of a replaced token', await statusOf(api_endpoint, first.access_token), 401)
  verify('the status of the next token', await statusOf(api_endpoint, second.access_token), 200)
  const spent = await failureOf(refresh(first))

  await revokeToken(transport, { client_id: app.client_id, refresh_token: second.refresh_token })
  verify('the status after the sign-out', await statusOf(api_endpoint, second.access_token), 401)
  const revoked = await failureOf(refresh(second))
  return { spent, revoked }
}
