import type { PDSTransport } from '@pds/core'
import { invalidParameter, readParams } from '@pds/core/internal'
import type { IGetServiceJwtTokenReq, IGetUserJwtTokenReq } from '@pds/types'
import { prepareAssertion } from './prepare-assertion.ts'

/**
 * The parameters of `signAssertion`: those of `getUserJwtToken` with `sub_type: 'user'`, or those of
 * `getServiceJwtToken` with `sub_type: 'service'`.
 */
export type ISignAssertionReq =
  | ({
      /** The assertion is about one user. */
      sub_type: 'user'
    } & IGetUserJwtTokenReq)
  | ({
      /** The assertion is about the service account. */
      sub_type: 'service'
    } & IGetServiceJwtTokenReq)

/**
 * Signs the assertion of a JWT application, for callers that send it themselves.
 *
 * In a browser bundle it throws `UnsupportedEnvironment`. A runtime without `node:crypto` takes PKCS#8 alone as PEM.
 *
 * @param transport - From `createTransport`: its server clock gives the times of the assertion.
 * @param params - As for `getUserJwtToken` with `sub_type: 'user'`, or `getServiceJwtToken` with `'service'`.
 * @returns An RS256 JWT, valid from 300 seconds ago for 600 seconds, for one use.
 * @throws PDSError `InvalidParameter` or `SigningFailed`.
 * @see RFC 7523 section 3, and the vendor's guide "Access process for JWT applications"
 */
export async function signAssertion(transport: PDSTransport, params: ISignAssertionReq): Promise<string> {
  const sub_type = readParams('signAssertion', params).string('sub_type')
  if (sub_type !== 'user' && sub_type !== 'service') {
    throw invalidParameter("signAssertion: sub_type must be 'user' or 'service'")
  }
  return prepareAssertion(transport, 'signAssertion', sub_type, params).sign()
}
