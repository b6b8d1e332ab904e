import type { IPDSRequestConfig, PDSResult, PDSTransport } from '@pds/core'
import { anyOption, checkTransport, readParams, requiredText, textOption } from '@pds/core/internal'
import type { IGetTokenByCodeReq, ITokenInfo } from '@pds/types'
import { signInParams } from './app-params.ts'
import { exchangeCode } from './request-grant.ts'

/**
 * Exchanges an authorization code for an access token.
 *
 * A code is valid for one use, so the request is not retried if its outcome is unknown. The `outcome` of the error says
 * whether the code may be spent.
 *
 * @param transport - From `createTransport`.
 * @param params - The application, its redirect URI and the code; a WebServer application also needs `client_secret`.
 * @param options - Options of this call.
 * @returns The token. The access token is valid for 2 hours (`expires_in`, in seconds), the refresh token for 7 days.
 * @throws PDSError `InvalidParameter` before anything is sent; a code of the service; a code of `PDSClientErrorCode`.
 * @see RFC 6749 section 4.1.3, RFC 7636 section 4.5, and the vendor's page "Obtain an access token",
 * `getTokenByCode`
 * @example
 * ```ts
 * import { type AuthorizationRequest, getTokenByCode, parseCallback } from '@pds/auth-oauth'
 * import { createTransport } from '@pds/core'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 *
 * export async function exchange(callbackUrl: string, request: AuthorizationRequest, client_secret: string) {
 *   return getTokenByCode(transport, { ...parseCallback(callbackUrl, request), client_secret })
 * }
 * ```
 */
export async function getTokenByCode<R extends boolean = false>(
  transport: PDSTransport,
  params: IGetTokenByCodeReq,
  options?: IPDSRequestConfig<R>,
): Promise<PDSResult<ITokenInfo, R>> {
  const method = 'getTokenByCode'
  checkTransport(method, transport)
  const { client_id, client_secret, client_auth, redirect_uri, code, code_verifier } = readParams(
    method,
    params,
    {
      ...signInParams,
      code: requiredText,
      code_verifier: textOption,
      // Not sent: an application may pass its authorization request with the code.
      state: anyOption,
      url: anyOption,
      issuer: anyOption,
      iss_required: anyOption,
    },
  )
  const checked = { client_id, client_secret, client_auth, redirect_uri, code, code_verifier }
  return exchangeCode(method, transport, checked, options)
}
