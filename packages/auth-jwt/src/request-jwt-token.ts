import type { IPDSRequestConfig, PDSResult, PDSTransport } from '@pds/core'
import { requestToken } from '@pds/core/internal'
import type { IGetServiceJwtTokenReq, IGetUserJwtTokenReq, ITokenInfo } from '@pds/types'
import { prepareAssertion } from './prepare-assertion.ts'

/** Exchanges an assertion for a token (RFC 7523 section 2.1). Each attempt signs a new assertion. */
export async function requestJwtToken<R extends boolean>(
  transport: PDSTransport,
  method: string,
  sub_type: 'user' | 'service',
  params: IGetUserJwtTokenReq | IGetServiceJwtTokenReq,
  options: IPDSRequestConfig<R> | undefined,
): Promise<PDSResult<ITokenInfo, R>> {
  const { client_id, subdomain_id, sign } = prepareAssertion(transport, method, sub_type, params)
  return requestToken(
    transport,
    {
      method,
      path: transport.token_endpoint,
      format: 'form',
      params: async () => ({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        client_id,
        assertion: await sign(),
        subdomain_id,
      }),
    },
    options,
  )
}
