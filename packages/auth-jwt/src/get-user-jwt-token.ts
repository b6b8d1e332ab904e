import type { IPDSRequestConfig, PDSResult, PDSTransport } from '@pds/core'
import type { IGetUserJwtTokenReq, ITokenInfo } from '@pds/types'
import { requestJwtToken } from './request-jwt-token.ts'

/**
 * Obtains an access token that stands for one user of the domain, with the key of a JWT application.
 *
 * In a browser bundle it throws `UnsupportedEnvironment`. A runtime without `node:crypto` takes PKCS#8 alone as PEM.
 *
 * @param transport - From `createTransport`.
 * @param params - The application, its private key and the user; `auto_create` creates a user that is not there.
 * @param options - Options of this call.
 * @returns The token: valid for 2 hours (`expires_in`, in seconds), its refresh token for 7 days.
 * @throws PDSError `InvalidParameter` before anything is sent; `SigningFailed`; the service's codes; see
 * `PDSClientErrorCode` for the others.
 * @see RFC 7523 section 2.1, and the vendor's page "Obtain an access token", `getUserJwtToken`
 */
export async function getUserJwtToken<R extends boolean = false>(
  transport: PDSTransport,
  params: IGetUserJwtTokenReq,
  options?: IPDSRequestConfig<R>,
): Promise<PDSResult<ITokenInfo, R>> {
  return requestJwtToken(transport, 'getUserJwtToken', 'user', params, options)
}
