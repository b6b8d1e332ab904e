import type { IPDSRequestConfig, PDSResult, PDSTransport } from '@pds/core'
import { readParams, requestToken } from '@pds/core/internal'
import type { IGetTokenByCodeReq, ITokenInfo } from '@pds/types'

/**
 * Exchanges the authorization code of an OAuth sign-in for an access token.
 *
 * Because the code is spent, the request is not sent again where its outcome is unknown: the error's `outcome`
 * tells.
 *
 * @param transport - From `createTransport`.
 * @param params - The application, its redirect URI and the code; `client_secret` for a WebServer application.
 * @param options - Options of this call.
 * @returns The token: valid for 2 hours (`expires_in`, in seconds), its refresh token for 7 days.
 * @throws PDSError `InvalidParameter` before anything is sent; the service's codes; see `PDSClientErrorCode` for
 * the others.
 * @see RFC 6749 section 4.1.3, RFC 7636 section 4.5, and the vendor's page "Obtain an access token",
 * `getTokenByCode`
 */
export async function getTokenByCode<R extends boolean = false>(
  transport: PDSTransport,
  params: IGetTokenByCodeReq,
  options?: IPDSRequestConfig<R>,
): Promise<PDSResult<ITokenInfo, R>> {
  const read = readParams('getTokenByCode', params)
  return requestToken(
    transport,
    {
      path: transport.token_endpoint,
      format: 'form',
      params: {
        // The vendor's SDK sends `code` here, against RFC 6749 and the vendor's own API reference.
        grant_type: 'authorization_code',
        client_id: read.string('client_id'),
        client_secret: read.optionalString('client_secret'),
        redirect_uri: read.string('redirect_uri', 'redirect_url'),
        code: read.string('code'),
        code_verifier: read.optionalString('code_verifier'),
      },
    },
    options,
  )
}
