import { invalidParameter } from '../errors/invalid-parameter.ts'
import type { PDSTransport } from '../transport/create-transport.ts'
import type { IPDSRequestConfig } from '../transport/request-config.ts'

/** What `requestRevocation` sends: `client_secret` only where the transport has a `revocation_endpoint`. */
export interface RevocationRequest {
  /** The id of the application. */
  client_id: string
  /** The refresh token. It is dead afterwards, and its access token with it. */
  refresh_token: string
  /** The secret of an OAuth application that has one. */
  client_secret?: string | undefined
}

/**
 * Revokes a refresh token and with it its access token; for code that makes a method. To RFC 7009 a token that is dead
 * already is no error; the vendor does not say.
 *
 * It is sent to the vendor's `/account/revoke`, whose parameters have none for a secret, and as RFC 7009 has it where
 * the transport has a `revocation_endpoint`. Throws `PDSError`; see `PDSClientErrorCode` for the codes of failures that
 * are not the service's.
 *
 * @see The vendor's older SDK, `POST /v2/account/revoke`, and RFC 7009 section 2
 */
export async function requestRevocation(
  transport: PDSTransport,
  { client_id, refresh_token, client_secret }: RevocationRequest,
  config?: IPDSRequestConfig,
): Promise<void> {
  const { revocation_endpoint: path, token_endpoint, auth_endpoint } = transport
  // A refresh token goes to nobody but the server that gave it (RFC 6749 section 1.5).
  if (path === undefined && new URL(token_endpoint).origin !== new URL(auth_endpoint).origin) {
    throw invalidParameter(
      'revocation_endpoint is required to revoke a token of another server: without it, that would be sent to auth_endpoint',
    )
  }
  // Functions: to revoke a token twice does no harm, so it may be sent again.
  const request =
    path === undefined
      ? ({
          path: '/account/revoke',
          format: 'json',
          params: async () => ({ app_id: client_id, refresh_token }),
        } as const)
      : ({
          path,
          format: 'form',
          params: async () => ({
            token: refresh_token,
            token_type_hint: 'refresh_token',
            client_id,
            client_secret,
          }),
          // Section 2.2 of it, again.
          ignoreBody: true,
        } as const)
  await transport.post({ ...request, endpoint: 'auth', read: () => undefined }, config)
}
