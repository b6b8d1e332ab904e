import { refreshToken } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import { statusOf, verify } from './verify.mjs'

/** Refreshes tokens over failing connections, one after the other. Returns the code and the outcome of each error. */
export async function run({ api_endpoint, calls }) {
  const failures = {}
  for (const { name, endpoint = api_endpoint, timeout, app, token } of calls) {
    // Opens a connection before the refresh: some runtimes retry a request after an open connection breaks.
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
