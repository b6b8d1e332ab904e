import type { IPDSRequestConfig, PDSResult, PDSTransport } from '@pds/core'
import { readParams, requestToken } from '@pds/core/internal'
import type { IRefreshTokenReq, ITokenInfo } from '@pds/types'

/**
 * Refreshes an access token of an OAuth sign-in, whether or not it has expired.
 *
 * The old access token and the old refresh token are invalid afterwards. Because the refresh token is spent, the
 * request is not sent again where its outcome is unknown: the error's `outcome` tells.
 *
 * @param transport - From `createTransport`.
 * @param params - The application, its redirect URI and the refresh token; `client_secret` for a WebServer
 * application.
 * @param options - Options of this call.
 * @returns The new token: valid for 2 hours (`expires_in`, in seconds), its refresh token for 7 days.
 * @throws PDSError `InvalidParameter` before anything is sent; `InvalidParameter.RefreshToken` for a refresh token
 * that is spent or expired; see `PDSClientErrorCode` for the others.
 * @see RFC 6749 section 6, and the vendor's page "Obtain an access token", `refreshToken`
 */
export async function refreshToken<R extends boolean = false>(
  transport: PDSTransport,
  params: IRefreshTokenReq,
  options?: IPDSRequestConfig<R>,
): Promise<PDSResult<ITokenInfo, R>> {
  const read = readParams('refreshToken', params)
  return requestToken(
    transport,
    {
      path: transport.token_endpoint,
      format: 'form',
      params: {
        grant_type: 'refresh_token',
        client_id: read.string('client_id'),
        client_secret: read.optionalString('client_secret'),
        redirect_uri: read.string('redirect_uri', 'redirect_url'),
        refresh_token: read.string('refresh_token'),
      },
    },
    options,
  )
}
