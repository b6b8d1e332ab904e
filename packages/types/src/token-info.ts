/**
 * An access token and what the service says about it, as every token method returns it.
 *
 * `access_token`, `expires_in` and `expire_time` are always there: where the server leaves a lifetime out, the
 * SDK works it out. Every other field is as the server sent it, and fields unknown to this type are kept.
 *
 * Source: the vendor's page "Obtain an access token" and the struct `Token` of the API reference 2022-03-01.
 */
export interface ITokenInfo {
  /** The access token, to be sent as `Authorization: Bearer …`. Valid for 2 hours, or until it is refreshed. */
  access_token: string
  /** The refresh token, valid for 7 days and for one use: each refresh returns a new one. */
  refresh_token?: string
  /** The validity period of the access token, in seconds, counted from the answer. */
  expires_in: number
  /** When the access token expires, by the server's clock: ISO 8601 in UTC, such as `2022-02-16T07:59:14Z`. */
  expire_time: string
  /** The type of the access token: `Bearer`. */
  token_type?: string
  /** The unique id of the user that the token stands for. */
  user_id?: string
  /** The name of the user. */
  user_name?: string
  /** The name that the user goes by. */
  nick_name?: string
  /** The address of the user's picture, empty where there is none. */
  avatar?: string
  /** The id of the first drive of the user, empty or absent where there is none. */
  default_drive_id?: string
  /** The role of the user; a service token has `superadmin`. */
  role?: TokenRole
  /** `enabled`, or another state of the user's account. */
  status?: string
  /** Whether this is the first token of the user. */
  is_first_login?: boolean
  /** The id of the domain. */
  domain_id?: string
  /** The id of the subdomain, where the domain has such. */
  subdomain_id?: string
  /** The id of the device that the user signed in on. */
  device_id?: string
  /** The name of the device that the user signed in on. */
  device_name?: string
  /** The `state` of the authorization request, where the server repeats it. */
  state?: string
  /** Whether the account has yet to be linked to another one. */
  need_link?: boolean
  /** Whether the account is linked to another one. */
  exist_link?: boolean
  /** Data that the domain keeps with the user. */
  user_data?: unknown
  /** The service may add fields at any time: they are handed on as they came. */
  [field: string]: unknown
}

/**
 * A token as an application keeps it: of what the token methods return, only `access_token` is required.
 *
 * `expire_time` tells when it is renewed before a call: ISO 8601, by the server's clock.
 */
export interface TokenInfo {
  /** The access token, to be sent as `Authorization: Bearer …`. */
  access_token: string
  /** The refresh token, for one use. */
  refresh_token?: string | undefined
  /** The validity period of the access token, in seconds, from when it was issued. */
  expires_in?: number | string | undefined
  /** When the access token expires, by the server's clock: ISO 8601, such as `2022-02-16T07:59:14Z`. */
  expire_time?: string | undefined
  /** The type of the access token: `Bearer`. */
  token_type?: string | undefined
  /** The unique id of the user that the token stands for. */
  user_id?: string | undefined
  /** The name of the user. */
  user_name?: string | undefined
  /** The name that the user goes by. */
  nick_name?: string | undefined
  /** The address of the user's picture. */
  avatar?: string | undefined
  /** The id of the first drive of the user. */
  default_drive_id?: string | undefined
  /** The role of the user; a service token has `superadmin`. */
  role?: TokenRole | undefined
  /** `enabled`, or another state of the user's account. */
  status?: string | undefined
  /** The id of the domain. */
  domain_id?: string | undefined
  /** The id of the subdomain, where the domain has such. */
  subdomain_id?: string | undefined
}

/** The roles that the vendor documents, open to later ones. */
export type TokenRole = 'user' | 'admin' | 'superadmin' | (string & {})
