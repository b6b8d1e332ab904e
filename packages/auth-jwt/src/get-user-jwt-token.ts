import type { IPDSRequestConfig, PDSResult, PDSTransport } from '@pds/core'
import type { IGetUserJwtTokenReq, ITokenInfo } from '@pds/types'
import { requestJwtToken } from './request-jwt-token.ts'

/**
 * Obtains an access token for one user of the domain, with the private key of a JWT application.
 *
 * In a browser bundle the function throws `UnsupportedEnvironment`. Without `node:crypto`, the only PEM format is
 * PKCS#8.
 *
 * @param transport - From `createTransport`.
 * @param params - The application, its private key and the user; `auto_create` creates a user that does not exist.
 * @param options - Options of this call.
 * @returns The token. The access token is valid for 2 hours (`expires_in`, in seconds), the refresh token for 7 days.
 * @throws PDSError `InvalidParameter` before anything is sent; `SigningFailed`; a code of the service; a code of
 * `PDSClientErrorCode`.
 * @see RFC 7523 section 2.1, and the vendor's page "Obtain an access token", `getUserJwtToken`
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { getUserJwtToken } from '@pds/auth-jwt'
 * import { createTransport } from '@pds/core'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 * const token = await getUserJwtToken(transport, {
 *   domain_id: 'bj1',
 *   client_id: 'jwt-app',
 *   private_key_pem: await readFile('private-key.pem', 'utf8'),
 *   user_id: 'user-1',
 * })
 * ```
 */
export async function getUserJwtToken<R extends boolean = false>(
  transport: PDSTransport,
  params: IGetUserJwtTokenReq,
  options?: IPDSRequestConfig<R>,
): Promise<PDSResult<ITokenInfo, R>> {
  return requestJwtToken(transport, 'getUserJwtToken', 'user', params, options)
}
