/** The settings of a sign-in, without secrets. */
export type Profile = UserProfile | ServiceProfile

interface ProfileBase {
  /** The URL of the service. */
  api_endpoint: string
  /** The id of the domain. */
  domain_id?: string | undefined
  /** The id of the application. */
  client_id: string
}

/** A user who signs in with a browser, to an OAuth application. */
export interface UserProfile extends ProfileBase {
  type: 'user'
  /** The registered redirect URI. Default: any port of 127.0.0.1. */
  redirect_uri?: string | undefined
}

/** A JWT application, which obtains tokens with its private key. */
export interface ServiceProfile extends ProfileBase {
  type: 'service'
  domain_id: string
  /** The absolute path of the private key (PEM). */
  key_file: string
}

/** Returns the endpoint of a domain. */
export function endpointOf(domain_id: string): string {
  return `https://${domain_id}.api.aliyunpds.com`
}
