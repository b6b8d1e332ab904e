import type { ClientAuth, IPDSRequestConfig, PDSParams, PDSResult, PDSTransport } from '@pds/core'
import { authenticateClient, requestToken } from '@pds/core/internal'
import type { ITokenInfo } from '@pds/types'
import type { AuthorizationResponse } from './check-callback.ts'

/** The checked parameters of a token request. */
type GrantParams = PDSParams & {
  readonly grant_type: 'authorization_code' | 'refresh_token'
  readonly client_id: string
  readonly client_secret?: string | undefined
  readonly client_auth?: ClientAuth | undefined
}

/** Sends checked parameters to the token endpoint. `method` is the function that the user called. */
export function requestGrant<R extends boolean = false>(
  method: string,
  transport: PDSTransport,
  params: GrantParams,
  options?: IPDSRequestConfig<R>,
): Promise<PDSResult<ITokenInfo, R>> {
  const authenticated = authenticateClient(method, params)
  const request = { method, path: transport.token_endpoint, format: 'form', ...authenticated } as const
  return requestToken(transport, request, options)
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
