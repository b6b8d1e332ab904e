import type { IPDSRequestConfig, PDSResult, PDSTransport } from '@pds/core'
import { checkTransport, readParams, requestToken, requiredText } from '@pds/core/internal'
import type { IRefreshJwtTokenReq, ITokenInfo } from '@pds/types'

/**
 * Refreshes the tokens of a JWT application, whether or not the access token has expired. The old access token and the
 * old refresh token are invalid afterwards. Runs in browsers too.
 *
 * A refresh token is valid for one use, so the request is not retried if its outcome is unknown. The `outcome` of the
 * error says whether the refresh token may be spent.
 *
 * @param transport - From `createTransport`.
 * @param params - The application and the refresh token.
 * @param options - Options of this call.
 * @returns The new token. The access token is valid for 2 hours (`expires_in`, in seconds), the refresh token for 7
 * days.
 * @throws PDSError `InvalidParameter` before anything is sent; `InvalidParameter.RefreshToken` if the refresh token is
 * spent or expired; another code of the service; a code of `PDSClientErrorCode`.
 * @see The vendor's page "Obtain an access token", `refreshJwtToken`
 * @example
 * ```ts
 * import { refreshJwtToken } from '@pds/auth-jwt'
 * import { createTransport } from '@pds/core'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 *
 * export async function refresh(refresh_token: string) {
 *   return refreshJwtToken(transport, { client_id: 'jwt-app', refresh_token })
 * }
 * ```
 */
export async function refreshJwtToken<R extends boolean = false>(
  transport: PDSTransport,
  params: IRefreshJwtTokenReq,
  options?: IPDSRequestConfig<R>,
): Promise<PDSResult<ITokenInfo, R>> {
  const method = 'refreshJwtToken'
  checkTransport(method, transport)
  const { client_id: app_id, refresh_token } = readParams(method, params, {
    client_id: requiredText,
    refresh_token: requiredText,
  })
  return requestToken(
    transport,
    {
      method,
      path: '/account/token',
      format: 'json',
      params: { app_id, refresh_token, grant_type: 'refresh_token' },
    },
    options,
  )
}
