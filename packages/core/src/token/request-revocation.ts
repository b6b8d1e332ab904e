import { invalidParameter } from '../errors/invalid-parameter.ts'
import type { PDSTransport } from '../transport/create-transport.ts'
import type { IPDSRequestConfig } from '../transport/request-config.ts'
import { authenticateClient, type ClientAuth } from './client-auth.ts'

/** The parameters of `requestRevocation`. */
export interface RevocationRequest {
  /** The function that the user called, for the messages of errors. */
  method: string
  /** The id of the application. */
  client_id: string
  /** The refresh token to revoke. The access token of the same pair is revoked with it. */
  refresh_token: string
  /** The secret of an OAuth application. Sent only if the transport has a `revocation_endpoint`. */
  client_secret?: string | undefined
  /** How the secret is sent. Default: `post`. */
  client_auth?: ClientAuth | undefined
}

/**
 * Revokes a refresh token and the access token of the same pair.
 *
 * The request goes to the transport's `revocation_endpoint` in the form of RFC 7009, or else to the vendor's
 * `/account/revoke`, which has no parameter for a secret. By RFC 7009, revoking an invalid token is not an error. The
 * vendor does not document this case. Throws a `PDSError`; its code is the service's or a `PDSClientErrorCode`.
 *
 * @see The vendor's older SDK, `POST /v2/account/revoke`, and RFC 7009 section 2
 */
export async function requestRevocation(
  transport: PDSTransport,
  { method, client_id, client_secret, client_auth, refresh_token }: RevocationRequest,
  config?: IPDSRequestConfig,
): Promise<void> {
  const { revocation_endpoint: path, token_endpoint, auth_endpoint, metadata } = transport
  // A refresh token may be sent only to the server that issued it (RFC 6749 section 1.5).
  if (!path && (metadata || new URL(token_endpoint).origin !== new URL(auth_endpoint).origin)) {
    throw invalidParameter(
      `${method}: the transport needs the option revocation_endpoint: only PDS has /account/revoke`,
    )
  }
  const { client, params: authentication } = authenticateClient(method, {
    client_id,
    client_secret,
    client_auth,
  })
  const params = path
    ? { token: refresh_token, token_type_hint: 'refresh_token', ...authentication }
    : { app_id: client_id, refresh_token }
  const request = {
    client: path ? client : undefined,
    method,
    endpoint: 'auth',
    path: path ?? '/account/revoke',
    format: path ? 'form' : 'json',
    // A function, so that the request is retried: revoking a token twice is harmless.
    params: async () => params,
    // RFC 7009 section 2.2: the status says everything.
    ignoreBody: path !== undefined,
    read: () => undefined,
  } as const
  await transport.post(request, config)
}
