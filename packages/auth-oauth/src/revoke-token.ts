import type { IPDSRequestConfig, PDSTransport } from '@pds/core'
import { readParams, requestRevocation } from '@pds/core/internal'
import type { IRevokeTokenReq } from '@pds/types'

/**
 * Revokes a refresh token and its access token, to sign the user out.
 *
 * Sends the vendor's `/account/revoke` request, which has no `client_secret`. If the transport has a
 * `revocation_endpoint`, sends the form of RFC 7009 to it instead. Revoking twice is harmless, so the request is
 * retried even if its outcome is unknown. RFC 7009 section 2.2 makes an invalid token no error; the vendor does not
 * document what it returns for one.
 *
 * @param transport - From `createTransport`.
 * @param params - The application and the refresh token; a WebServer application also passes `client_secret`.
 * @param options - Options of this call.
 * @throws PDSError `InvalidParameter` before anything is sent, also if the `token_endpoint` belongs to another server
 * and the transport has no `revocation_endpoint`; a code of the service; a code of `PDSClientErrorCode`.
 * @see The vendor's older SDK, `POST /v2/account/revoke`, and RFC 7009 section 2
 * @example
 * ```ts
 * import { revokeToken } from '@pds/auth-oauth'
 * import { createTransport } from '@pds/core'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 *
 * export async function signOut(refresh_token: string) {
 *   await revokeToken(transport, { client_id: 'native-app', refresh_token })
 * }
 * ```
 */
export async function revokeToken(
  transport: PDSTransport,
  params: IRevokeTokenReq,
  options?: IPDSRequestConfig,
): Promise<void> {
  const read = readParams('revokeToken', params)
  const request = {
    client_id: read.string('client_id'),
    client_secret: read.optionalString('client_secret'),
    refresh_token: read.string('refresh_token'),
  }
  await requestRevocation(transport, request, options)
}
