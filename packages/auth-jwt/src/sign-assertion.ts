import type { PDSTransport } from '@pds/core'
import { anyOption, invalidParameter } from '@pds/core/internal'
import type { IGetServiceJwtTokenReq, IGetUserJwtTokenReq } from '@pds/types'
import { prepareAssertion } from './prepare-assertion.ts'

/**
 * The parameters of `signAssertion`: `sub_type: 'user'` with the parameters of `getUserJwtToken`, or `sub_type:
 * 'service'` with the parameters of `getServiceJwtToken`.
 */
export type ISignAssertionReq =
  | ({
      /** The subject of the assertion: one user. */
      sub_type: 'user'
    } & IGetUserJwtTokenReq)
  | ({
      /** The subject of the assertion: the service account of the domain. */
      sub_type: 'service'
    } & IGetServiceJwtTokenReq)

/**
 * Signs the assertion of a JWT application, for callers that send it themselves.
 *
 * In a browser bundle the function throws `UnsupportedEnvironment`. Without `node:crypto`, the only PEM format is
 * PKCS#8.
 *
 * @param transport - From `createTransport`. The times of the assertion are by its server clock.
 * @param params - `sub_type: 'user'` with the parameters of `getUserJwtToken`, or `sub_type: 'service'` with the
 * parameters of `getServiceJwtToken`.
 * @returns An RS256 JWT for one use, valid from 300 seconds before to 300 seconds after the time of signing.
 * @throws PDSError `InvalidParameter` or `SigningFailed`.
 * @see RFC 7523 section 3, and the vendor's guide "Access process for JWT applications"
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { signAssertion } from '@pds/auth-jwt'
 * import { createTransport } from '@pds/core'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 * const assertion = await signAssertion(transport, {
 *   sub_type: 'service',
 *   domain_id: 'bj1',
 *   client_id: 'jwt-app',
 *   private_key_pem: await readFile('private-key.pem', 'utf8'),
 * })
 * ```
 */
export async function signAssertion(transport: PDSTransport, params: ISignAssertionReq): Promise<string> {
  const { sub_type } = Object(params)
  if (sub_type !== 'user' && sub_type !== 'service') {
    throw invalidParameter("signAssertion: sub_type must be 'user' or 'service'")
  }
  return prepareAssertion(transport, 'signAssertion', sub_type, params, { sub_type: anyOption }).sign()
}
