import type { ITokenInfo } from '@pds/types'
import type { PDSTransport } from '../transport/create-transport.ts'
import type { PDSPostRequest } from '../transport/post.ts'
import type { IPDSRequestConfig, PDSResult } from '../transport/request-config.ts'
import { parseTokenInfo } from './parse-token-info.ts'

/**
 * The request of a token method: its name, the path at the `auth_endpoint`, the body's format, the parameters and the
 * application.
 */
export type TokenRequest = Pick<
  PDSPostRequest<ITokenInfo>,
  'method' | 'path' | 'format' | 'params' | 'client'
>

/**
 * Sends the request of a token method and returns the checked token.
 *
 * Throws a `PDSError`; its code is the service's or a `PDSClientErrorCode`.
 */
export function requestToken<R extends boolean = false>(
  transport: PDSTransport,
  request: TokenRequest,
  config?: IPDSRequestConfig<R>,
): Promise<PDSResult<ITokenInfo, R>> {
  return transport.post({ ...request, endpoint: 'auth', read: parseTokenInfo }, config)
}
