import type { PDSTransport } from '@pds/core'
import { invalidParameter, readParams, requestRevocation } from '@pds/core/internal'
import type { Grant, RedirectUriParams } from '@pds/types'
import { refreshToken } from './refresh-token.ts'

/**
 * The parameters of `oauthGrant`: the application, with its redirect URI as `redirect_uri` or `redirect_url`, and the
 * transport to its domain.
 */
export type IOAuthGrantParams = RedirectUriParams & {
  /** From `createTransport`. */
  transport: PDSTransport
  /** The id of the OAuth application. */
  client_id: string
  /** The secret of the OAuth application: required for a WebServer application, absent for a public one. */
  client_secret?: string | undefined
}

/**
 * Makes the grant of a session that began with a sign-in: it is refreshed, and ends in `LoginRequired` where its
 * refresh token is lost, spent elsewhere or expired after 7 days.
 *
 * @returns For `createSession` of `@pds/session`. Its `session.setToken` takes the token of `getTokenByCode`,
 * `completeSignIn` or `signInWithPopup`.
 * @throws PDSError `InvalidParameter`.
 * @see RFC 6749 section 6
 */
export function oauthGrant(params: IOAuthGrantParams): Grant {
  const read = readParams('oauthGrant', params)
  const { transport } = params
  if (typeof transport?.post !== 'function') {
    throw invalidParameter('oauthGrant: transport is required: what createTransport makes')
  }
  const client_id = read.string('client_id')
  const client_secret = read.optionalString('client_secret')
  const redirect_uri = read.string('redirect_uri', 'redirect_url')
  const { origins, token_endpoint } = transport
  return {
    // The user is the session's own key: no token is needed to know whose session it is.
    id: JSON.stringify([token_endpoint, client_id]),
    origins,
    now: () => transport.now(),
    refresh: (refresh_token, { signal, timeout: totalTimeout }) =>
      refreshToken(
        transport,
        { client_id, client_secret, redirect_uri, refresh_token },
        { signal, totalTimeout },
      ),
    revoke: (refresh_token, { signal, timeout: totalTimeout }) =>
      requestRevocation(transport, { client_id, client_secret, refresh_token }, { signal, totalTimeout }),
  }
}
