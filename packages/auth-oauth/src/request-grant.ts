import type { IPDSRequestConfig, PDSParams, PDSResult, PDSTransport } from '@pds/core'
import { requestToken } from '@pds/core/internal'
import type { ITokenInfo } from '@pds/types'
import type { AuthorizationResponse } from './check-callback.ts'

/** Sends checked parameters to the token endpoint. `method` is the function that the user called. */
export function requestGrant<R extends boolean = false>(
  method: string,
  transport: PDSTransport,
  params: PDSParams & { readonly grant_type: 'authorization_code' | 'refresh_token' },
  options?: IPDSRequestConfig<R>,
): Promise<PDSResult<ITokenInfo, R>> {
  return requestToken(transport, { method, path: transport.token_endpoint, format: 'form', params }, options)
}

/** Exchanges the checked code of a callback. `method` is the function that the user called. */
export function exchangeCode<R extends boolean = false>(
  method: string,
  transport: PDSTransport,
  response: AuthorizationResponse,
  options?: IPDSRequestConfig<R>,
): Promise<PDSResult<ITokenInfo, R>> {
  // The vendor's SDK sends `code`, unlike RFC 6749 and the vendor's API reference.
  return requestGrant(method, transport, { grant_type: 'authorization_code', ...response }, options)
}
