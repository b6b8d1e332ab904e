import type { IPDSRequestConfig, PDSResult, PDSTransport } from '@pds/core'
import { checkTransport, readParams, requiredText } from '@pds/core/internal'
import type { IRefreshTokenReq, ITokenInfo } from '@pds/types'
import { appParams } from './app-params.ts'
import { requestGrant } from './request-grant.ts'

/**
 * Refreshes the tokens of an OAuth sign-in, whether or not the access token has expired. The old access token and the
 * old refresh token are invalid afterwards.
 *
 * A refresh token is valid for one use, so the request is not retried if its outcome is unknown. The `outcome` of the
 * error says whether the refresh token may be spent.
 *
 * @param transport - From `createTransport`.
 * @param params - The application and the refresh token; a WebServer application also needs `client_secret`. A
 * `redirect_uri` is sent only if it is given.
 * @param options - Options of this call.
 * @returns The new token. The access token is valid for 2 hours (`expires_in`, in seconds), the refresh token for 7
 * days.
 * @throws PDSError `InvalidParameter` before anything is sent; `InvalidParameter.RefreshToken` if the refresh token is
 * spent or expired; another code of the service; a code of `PDSClientErrorCode`.
 * @see RFC 6749 section 6, and the vendor's page "Obtain an access token", `refreshToken`
 * @example
 * ```ts
 * import { refreshToken } from '@pds/auth-oauth'
 * import { createTransport } from '@pds/core'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 * const app = { client_id: 'native-app', redirect_uri: 'com.example.app:/callback' }
 *
 * export async function refresh(refresh_token: string) {
 *   return refreshToken(transport, { ...app, refresh_token })
 * }
 * ```
 */
export async function refreshToken<R extends boolean = false>(
  transport: PDSTransport,
  params: IRefreshTokenReq,
  options?: IPDSRequestConfig<R>,
): Promise<PDSResult<ITokenInfo, R>> {
  const method = 'refreshToken'
  checkTransport(method, transport)
  const checked = readParams(method, params, { ...appParams, refresh_token: requiredText })
  return requestGrant(method, transport, { grant_type: 'refresh_token', ...checked }, options)
}
