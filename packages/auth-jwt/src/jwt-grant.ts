import type { PDSTransport } from '@pds/core'
import { anyOption, invalidParameter, requestRevocation, transportOption } from '@pds/core/internal'
import type { Grant, IGetServiceJwtTokenReq, IGetUserJwtTokenReq } from '@pds/types'
import { prepareAssertion } from './prepare-assertion.ts'
import { requestJwtToken } from './request-jwt-token.ts'

/**
 * The parameters of `jwtGrant`: a transport with the parameters of `getUserJwtToken`, or with `sub_type: 'service'` and
 * the parameters of `getServiceJwtToken`.
 */
export type IJwtGrantParams = {
  /** The transport for the domain, from `createTransport`. */
  transport: PDSTransport
} & (
  | ({
      /** The subject of the tokens: one user. Default: `user`. */
      sub_type?: 'user' | undefined
    } & IGetUserJwtTokenReq)
  // Explicit, so that a missing user id never creates a session of the super administrator.
  | ({
      /** The subject of the tokens: the service account of the domain. */
      sub_type: 'service'
    } & IGetServiceJwtTokenReq)
)

/**
 * Creates the grant of a session that needs no sign-in. It obtains each token with the private key of the application,
 * so a lost response never ends the session.
 *
 * The session does not refresh its tokens: a refresh token is valid for one use, and a refresh would invalidate the
 * access token that other callers still use.
 *
 * @param params - The transport and the parameters of `getUserJwtToken`, or `sub_type: 'service'` and the parameters of
 * `getServiceJwtToken`. They are copied.
 * @returns The grant, for `createSession` of `@pds/session`.
 * @throws PDSError `InvalidParameter`; in a browser bundle `UnsupportedEnvironment`.
 * @see RFC 7523 section 2.1
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { jwtGrant } from '@pds/auth-jwt'
 * import { createTransport } from '@pds/core'
 *
 * const grant = jwtGrant({
 *   transport: createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' }),
 *   domain_id: 'bj1',
 *   client_id: 'jwt-app',
 *   private_key_pem: await readFile('private-key.pem', 'utf8'),
 *   user_id: 'user-1',
 * })
 * ```
 */
export function jwtGrant(params: IJwtGrantParams): Grant {
  const method = 'jwtGrant'
  const { transport, sub_type = 'user', ...rest } = Object(params) as IJwtGrantParams
  if (sub_type !== 'user' && sub_type !== 'service') {
    throw invalidParameter("jwtGrant: sub_type must be 'user' or 'service'")
  }
  // Checks the key now, not at the first token. The copy keeps later changes of params out.
  const request = { ...rest } as IGetUserJwtTokenReq | IGetServiceJwtTokenReq
  const own = { transport: transportOption, sub_type: anyOption }
  const { client_id, domain_id, subject } = prepareAssertion(transport, method, sub_type, params, own)
  const { origins, token_endpoint } = transport
  return {
    id: JSON.stringify([token_endpoint, client_id, domain_id, sub_type, sub_type === 'user' ? subject : '']),
    origins,
    now: () => transport.now(),
    // The transport may be of another version.
    hasServerTime: () => transport.hasServerTime?.() ?? false,
    obtain: ({ signal, timeout: totalTimeout, callId }) =>
      requestJwtToken<false>(transport, method, sub_type, request, { signal, totalTimeout, callId }),
    revoke: (refresh_token, { signal, timeout: totalTimeout }) =>
      requestRevocation(transport, { method, client_id, refresh_token }, { signal, totalTimeout }),
  }
}
