import type { PDSTransport } from './create-transport.ts'
import type { IPDSRequestConfig } from './request-config.ts'

/**
 * Revokes a refresh token and with it its access token; for code that makes a method. A token that is dead already is
 * no error.
 *
 * Throws `PDSError`; see `PDSClientErrorCode` for the codes of failures that are not the service's.
 *
 * @see The vendor's older SDK, `POST /v2/account/revoke`, and RFC 7009
 */
export async function requestRevocation(
  transport: PDSTransport,
  { client_id, refresh_token }: { client_id: string; refresh_token: string },
  config?: IPDSRequestConfig,
): Promise<void> {
  // A function: to revoke a token twice does no harm (RFC 7009 section 2.2), so it may be sent again.
  const params = async () => ({ app_id: client_id, refresh_token })
  const request = { endpoint: 'auth', path: '/account/revoke', format: 'json', params } as const
  await transport.post({ ...request, read: () => undefined }, config)
}
