import { authorizePath } from './authorization-request.ts'

/** The paths of the metadata: RFC 8414 section 3, and OpenID Connect Discovery 1.0 section 4. */
export const metadataPaths: readonly string[] = [
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
]

/** The path of the revocation endpoint (RFC 7009), which only the emulator has. */
export const revocationPath = '/v2/oauth/revoke'

/**
 * Returns the metadata of the domain as an OAuth 2.0 server (RFC 8414 section 2). The vendor documents none: it is for
 * clients that cannot be configured without it. The emulator issues no ID tokens, so there is no `jwks_uri`.
 */
export function serverMetadata(issuer: string): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}${authorizePath}`,
    token_endpoint: `${issuer}/v2/oauth/token`,
    revocation_endpoint: `${issuer}${revocationPath}`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: [
      'authorization_code',
      'refresh_token',
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
    ],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    authorization_response_iss_parameter_supported: false,
  }
}
