import type { PDSTransport } from '@pds/core'
import { authenticateClient, readParams, requestRevocation, transportOption } from '@pds/core/internal'
import type { Grant, GrantContext, IRefreshTokenReq } from '@pds/types'
import { appParams } from './app-params.ts'
import { requestGrant } from './request-grant.ts'

/** The parameters of `oauthGrant`: the transport and the application. */
export type IOAuthGrantParams = Omit<IRefreshTokenReq, 'refresh_token'> & {
  /** The transport for the domain, from `createTransport`. */
  transport: PDSTransport
}

/**
 * Creates the grant of a session that starts with a sign-in. The session refreshes its tokens, and fails with
 * `LoginRequired` if its refresh token is lost, spent elsewhere or expired (after 7 days).
 *
 * @param params - The transport and the application; a WebServer application also needs `client_secret`. A
 * `redirect_uri` is sent only if it is given. If the transport has `metadata` without a `revocation_endpoint`, the grant
 * has no `revoke`.
 * @returns The grant, for `createSession` of `@pds/session`. Pass the token of `getTokenByCode`, `completeSignIn` or
 * `signInWithPopup` to `session.setToken`.
 * @throws PDSError `InvalidParameter`.
 * @see RFC 6749 section 6
 * @example
 * ```ts
 * import { oauthGrant } from '@pds/auth-oauth'
 * import { createTransport } from '@pds/core'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 * const grant = oauthGrant({
 *   transport,
 *   client_id: 'native-app',
 *   redirect_uri: 'com.example.app:/callback',
 * })
 * ```
 */
export function oauthGrant(params: IOAuthGrantParams): Grant {
  const method = 'oauthGrant'
  const { transport, ...app } = readParams(method, params, { transport: transportOption, ...appParams })
  // Fails now rather than at the first refresh.
  authenticateClient(method, app)
  const { metadata, origins, revocation_endpoint, token_endpoint } = transport
  return {
    // The key of the session names the user, so the id does not.
    id: JSON.stringify([token_endpoint, app.client_id]),
    origins,
    now: () => transport.now(),
    // The transport may be of another version.
    hasServerTime: () => transport.hasServerTime?.() ?? false,
    refresh: (refresh_token, { signal, timeout: totalTimeout, callId }) =>
      requestGrant(
        'refreshToken',
        transport,
        { grant_type: 'refresh_token', ...app, refresh_token },
        { signal, totalTimeout, callId },
      ),
    // A server whose metadata has no revocation endpoint cannot revoke.
    ...((!metadata || revocation_endpoint) && {
      revoke: (refresh_token: string, { signal, timeout: totalTimeout }: GrantContext) =>
        requestRevocation(transport, { method, ...app, refresh_token }, { signal, totalTimeout }),
    }),
  }
}
