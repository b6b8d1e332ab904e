import type { OptionValidator } from '../options/options.ts'
import { parseUrl } from './endpoint.ts'

/** The part of a server's metadata (RFC 8414 section 2) that a transport reads. */
export interface PDSServerMetadata {
  /** The identifier of the server. */
  issuer: string
  /** The absolute URL of the authorization endpoint. */
  authorization_endpoint: string
  /** The absolute URL of the token endpoint. */
  token_endpoint: string
  /** The absolute URL of the revocation endpoint. Absent if the server has none. */
  revocation_endpoint?: string | null | undefined
  /** Whether each callback of the server has an `iss` (RFC 9207 section 3). Default: false. */
  authorization_response_iss_parameter_supported?: boolean | null | undefined
}

/** Accepts the metadata of a server. */
export const metadataOption: OptionValidator = {
  wants: 'server metadata with issuer, authorization_endpoint and token_endpoint',
  accepts(value) {
    const { issuer, authorization_endpoint, token_endpoint } = Object(value)
    return [issuer, authorization_endpoint, token_endpoint].every(parseUrl)
  },
}
