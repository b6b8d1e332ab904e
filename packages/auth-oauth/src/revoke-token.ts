import type { IPDSRequestConfig, PDSTransport } from '@pds/core'
import { checkTransport, readParams, requestRevocation, requiredText } from '@pds/core/internal'
import type { IRevokeTokenReq } from '@pds/types'
import { appParams } from './app-params.ts'

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
 * @throws PDSError `InvalidParameter` before anything is sent, also without a `revocation_endpoint` if the transport has
 * `metadata` or the `token_endpoint` belongs to another server; a code of the service; a code of `PDSClientErrorCode`.
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
  const method = 'revokeToken'
  checkTransport(method, transport)
  // Also accepts the redirect URI, so that an application can pass one object to every function.
  const { redirect_uri, ...request } = readParams(method, params, {
    ...appParams,
    refresh_token: requiredText,
  })
  await requestRevocation(transport, { method, ...request }, options)
}
