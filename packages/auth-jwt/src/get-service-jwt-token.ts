import type { IPDSRequestConfig, PDSResult, PDSTransport } from '@pds/core'
import type { IGetServiceJwtTokenReq, ITokenInfo } from '@pds/types'
import { requestJwtToken } from './request-jwt-token.ts'

/**
 * Obtains an access token for the service account of the domain, with the key of a JWT application.
 *
 * The token has the permissions of the super administrator: keep it on the server. In a browser bundle it throws
 * `UnsupportedEnvironment`. A runtime without `node:crypto` takes PKCS#8 alone as PEM.
 *
 * @param transport - From `createTransport`.
 * @param params - The application and its private key.
 * @param options - Options of this call.
 * @returns The token, with the role `superadmin`: valid for 2 hours (`expires_in`, in seconds).
 * @throws PDSError `InvalidParameter` before anything is sent; `SigningFailed`; the service's codes; see
 * `PDSClientErrorCode` for the others.
 * @see RFC 7523 section 2.1, and the vendor's page "Obtain an access token", `getServiceJwtToken`
 */
export async function getServiceJwtToken<R extends boolean = false>(
  transport: PDSTransport,
  params: IGetServiceJwtTokenReq,
  options?: IPDSRequestConfig<R>,
): Promise<PDSResult<ITokenInfo, R>> {
  return requestJwtToken(transport, 'getServiceJwtToken', 'service', params, options)
}
