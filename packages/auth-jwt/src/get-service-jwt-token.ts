import type { IPDSRequestConfig, PDSResult, PDSTransport } from '@pds/core'
import type { IGetServiceJwtTokenReq, ITokenInfo } from '@pds/types'
import { requestJwtToken } from './request-jwt-token.ts'

/**
 * Obtains an access token for the service account of the domain, with the private key of a JWT application.
 *
 * The token has the permissions of the super administrator: keep it on the server. In a browser bundle the function
 * throws `UnsupportedEnvironment`. Without `node:crypto`, the only PEM format is PKCS#8.
 *
 * @param transport - From `createTransport`.
 * @param params - The application and its private key.
 * @param options - Options of this call.
 * @returns The token, with the role `superadmin`, valid for 2 hours (`expires_in`, in seconds).
 * @throws PDSError `InvalidParameter` before anything is sent; `SigningFailed`; a code of the service; a code of
 * `PDSClientErrorCode`.
 * @see RFC 7523 section 2.1, and the vendor's page "Obtain an access token", `getServiceJwtToken`
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { getServiceJwtToken } from '@pds/auth-jwt'
 * import { createTransport } from '@pds/core'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 * const token = await getServiceJwtToken(transport, {
 *   domain_id: 'bj1',
 *   client_id: 'jwt-app',
 *   private_key_pem: await readFile('private-key.pem', 'utf8'),
 * })
 * ```
 */
export async function getServiceJwtToken<R extends boolean = false>(
  transport: PDSTransport,
  params: IGetServiceJwtTokenReq,
  options?: IPDSRequestConfig<R>,
): Promise<PDSResult<ITokenInfo, R>> {
  return requestJwtToken(transport, 'getServiceJwtToken', 'service', params, options)
}
