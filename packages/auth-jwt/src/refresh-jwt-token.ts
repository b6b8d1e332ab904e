import type { IPDSRequestConfig, PDSResult, PDSTransport } from '@pds/core'
import { readParams, requestToken } from '@pds/core/internal'
import type { IRefreshJwtTokenReq, ITokenInfo } from '@pds/types'

/**
 * Refreshes an access token that a JWT application obtained, whether or not it has expired. Runs in browsers too.
 *
 * The old access token and the old refresh token are invalid afterwards. Because the refresh token is spent, the
 * request is not sent again where its outcome is unknown: the error's `outcome` tells.
 *
 * @param transport - From `createTransport`.
 * @param params - The application and the refresh token.
 * @param options - Options of this call.
 * @returns The new token: valid for 2 hours (`expires_in`, in seconds), its refresh token for 7 days.
 * @throws PDSError `InvalidParameter` before anything is sent; `InvalidParameter.RefreshToken` for a refresh token
 * that is spent or expired; see `PDSClientErrorCode` for the others.
 * @see The vendor's page "Obtain an access token", `refreshJwtToken`
 */
export async function refreshJwtToken<R extends boolean = false>(
  transport: PDSTransport,
  params: IRefreshJwtTokenReq,
  options?: IPDSRequestConfig<R>,
): Promise<PDSResult<ITokenInfo, R>> {
  const read = readParams('refreshJwtToken', params)
  return requestToken(
    transport,
    {
      path: '/account/token',
      format: 'json',
      params: {
        app_id: read.string('client_id'),
        refresh_token: read.string('refresh_token'),
        grant_type: 'refresh_token',
      },
    },
    options,
  )
}
