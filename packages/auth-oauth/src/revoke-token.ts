import type { IPDSRequestConfig, PDSTransport } from '@pds/core'
import { readParams, requestRevocation } from '@pds/core/internal'
import type { IRevokeTokenReq } from '@pds/types'

/**
 * Signs out: revokes a refresh token, and its access token with it. To RFC 7009 section 2.2 a token that is dead already
 * is no error; the vendor does not say.
 *
 * It goes to the vendor's `/account/revoke`, which takes no `client_secret`, or, where the transport has a
 * `revocation_endpoint`, there as RFC 7009 has it. To revoke twice does no harm: it is sent again where its outcome is
 * unknown.
 *
 * @param transport - From `createTransport`.
 * @param params - The application and the refresh token; `client_secret` for a WebServer application.
 * @param options - Options of this call.
 * @throws PDSError `InvalidParameter` before anything is sent, also where the `token_endpoint` is another server's and
 * there is no `revocation_endpoint`; the service's codes; see `PDSClientErrorCode` for the
 * others.
 * @see The vendor's older SDK, `POST /v2/account/revoke`, and RFC 7009 section 2
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
