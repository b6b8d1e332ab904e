import type { PDSTransport } from '@pds/core'
import { invalidParameter, readParams, requestRevocation } from '@pds/core/internal'
import type { Grant, IGetServiceJwtTokenReq, IGetUserJwtTokenReq } from '@pds/types'
import { prepareAssertion } from './prepare-assertion.ts'
import { requestJwtToken } from './request-jwt-token.ts'

/**
 * The parameters of `jwtGrant`: a transport, and those of `getUserJwtToken`, or with `sub_type: 'service'` those of
 * `getServiceJwtToken`.
 */
export type IJwtGrantParams = {
  /** From `createTransport`. */
  transport: PDSTransport
} & (
  | ({
      /** The token is one user's. Default. */
      sub_type?: 'user' | undefined
    } & IGetUserJwtTokenReq)
  // Asked for by name: a forgotten user id must not make a session of the super administrator.
  | ({
      /** The token is the service account's. */
      sub_type: 'service'
    } & IGetServiceJwtTokenReq)
)

/**
 * Makes the grant of a session that needs nobody to sign in: each token is obtained anew with the key of the
 * application, and nothing that gets lost on the way can end the session.
 *
 * Its refresh tokens are not used: they could be spent only once, and would kill the access token that others use.
 *
 * @param params - As for `getUserJwtToken`, or as for `getServiceJwtToken` with `sub_type: 'service'`.
 * @returns For `createSession` of `@pds/session`.
 * @throws PDSError `InvalidParameter`; in a browser bundle `UnsupportedEnvironment`.
 * @see RFC 7523 section 2.1
 */
export function jwtGrant(params: IJwtGrantParams): Grant {
  const read = readParams('jwtGrant', params)
  const { transport, sub_type = 'user', ...rest } = params
  if (typeof transport?.post !== 'function') {
    throw invalidParameter('jwtGrant: transport is required: what createTransport makes')
  }
  if (sub_type !== 'user' && sub_type !== 'service') {
    throw invalidParameter("jwtGrant: sub_type must be 'user' or 'service'")
  }
  // Now rather than when the first token is needed, and of the parameters as they are now.
  const request = { ...rest } as IGetUserJwtTokenReq | IGetServiceJwtTokenReq
  const { client_id } = prepareAssertion(transport, 'jwtGrant', sub_type, request)
  const subject = sub_type === 'user' ? read.string('user_id') : ''
  const { origins, token_endpoint } = transport
  return {
    id: JSON.stringify([token_endpoint, client_id, read.string('domain_id'), sub_type, subject]),
    origins,
    now: () => transport.now(),
    obtain: ({ signal, timeout: totalTimeout }) =>
      requestJwtToken<false>(transport, 'jwtGrant', sub_type, request, { signal, totalTimeout }),
    revoke: (refresh_token, { signal, timeout: totalTimeout }) =>
      requestRevocation(transport, { client_id, refresh_token }, { signal, totalTimeout }),
  }
}
