import { refreshToken } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import { statusOf, verify } from './verify.mjs'

/** Spends refresh tokens over connections that fail, one after the other, and tells what each error says of it. */
export async function run({ api_endpoint, calls }) {
  const failures = {}
  for (const { name, endpoint = api_endpoint, timeout, app, token } of calls) {
    // Over a connection that is open already: some runtimes would send a request again when that breaks.
    verify('the status of a token', await statusOf(api_endpoint, token.access_token), 200)
    const transport = createTransport({ api_endpoint: endpoint, retryCount: 0, timeout })
    const refresh = refreshToken(
      transport,
      { ...app, refresh_token: token.refresh_token },
      { keepalive: true },
    )
    failures[name] = await refresh.then(
      () => 'none',
      ({ code, outcome }) => `${code}, ${outcome}`,
    )
  }
  return failures
}
