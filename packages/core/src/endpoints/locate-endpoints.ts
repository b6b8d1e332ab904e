import { invalidParameter } from '../errors/invalid-parameter.ts'
import type { PDSTransportConfig } from '../transport/transport-config.ts'
import { parseEndpoint, resolvePath } from './endpoint.ts'
import type { PDSServerMetadata } from './server-metadata.ts'

type OAuthEndpoint = 'authorization_endpoint' | 'token_endpoint' | 'revocation_endpoint'

/** The endpoints of a transport. */
export interface PDSEndpoints {
  /** The base URL of the domain, without a trailing slash. */
  readonly api_endpoint: string
  /** The base URL of the token calls, without a trailing slash. */
  readonly auth_endpoint: string
  /** The absolute URL of the authorization endpoint, where users sign in. It may have a query. */
  readonly authorization_endpoint: string
  /** The absolute URL of the token endpoint, which accepts codes, refresh tokens and assertions. */
  readonly token_endpoint: string
  /** The absolute URL of the revocation endpoint of RFC 7009, or undefined if neither the option nor `metadata` has one. */
  readonly revocation_endpoint: string | undefined
  /** The server's identifier, which the `iss` of a callback must be (RFC 9207), or undefined if it is not known. */
  readonly issuer: string | undefined
  /** The option `metadata`. A server with metadata is not expected to have the vendor's extensions. */
  readonly metadata: PDSServerMetadata | undefined
  /** The origins that may receive credentials: those of all endpoints except the authorization endpoint. */
  readonly origins: readonly string[]
}

/**
 * Returns the endpoints that the options of a transport name.
 *
 * Throws a `PDSError` with code `InvalidParameter` that names the function if an endpoint is missing or invalid.
 */
export function locateEndpoints(method: string, config: PDSTransportConfig): PDSEndpoints {
  const { domain_id, metadata, version = 'v2', allowInsecure = false } = config
  const issuer = config.issuer ?? metadata?.issuer
  if (domain_id !== undefined && config.api_endpoint !== undefined) {
    throw invalidParameter(`${method}: domain_id and api_endpoint are exclusive: pass only one of them`)
  }
  const endpoint = (name: string, value: string | undefined) =>
    value === undefined ? undefined : parseEndpoint(`${method}: ${name}`, value, allowInsecure, version)
  if (metadata && issuer !== metadata.issuer) {
    throw invalidParameter(`${method}: issuer and metadata.issuer differ`)
  }
  const domain = domain_id && `https://${domain_id}.api.aliyunpds.com`
  const server = endpoint('metadata.issuer', metadata && new URL(metadata.issuer).origin)
  const api = endpoint('api_endpoint', config.api_endpoint ?? domain) ?? server
  const auth_endpoint = endpoint('auth_endpoint', config.auth_endpoint) ?? api
  const api_endpoint = api ?? auth_endpoint
  if (api_endpoint === undefined || auth_endpoint === undefined) {
    throw invalidParameter(`${method}: domain_id, api_endpoint or metadata is required`)
  }
  const base = auth_endpoint + (version && `/${version}`)
  const given = (name: OAuthEndpoint) => config[name] ?? metadata?.[name]
  const locate = (name: OAuthEndpoint, path: string) =>
    resolvePath(`${method}: ${name}`, base, given(name) ?? path, allowInsecure).href
  const token_endpoint = locate('token_endpoint', '/oauth/token')
  const revocation_endpoint =
    given('revocation_endpoint') == null ? undefined : locate('revocation_endpoint', '')
  const trusted = [api_endpoint, auth_endpoint, token_endpoint, revocation_endpoint ?? auth_endpoint]
  return {
    api_endpoint,
    auth_endpoint,
    authorization_endpoint: locate('authorization_endpoint', '/oauth/authorize'),
    token_endpoint,
    revocation_endpoint,
    issuer,
    metadata,
    origins: [...new Set(trusted.map((url) => new URL(url).origin))],
  }
}
