/**
 * An access token with the other fields of a token response.
 *
 * `access_token`, `expires_in` and `expire_time` are always present: if the response has no lifetime, the SDK computes
 * it. The other fields are as the server sent them.
 *
 * Fields that this type does not list are kept at run time. To read one, say its type:
 * `(token as ITokenInfo & { my_field?: string }).my_field`.
 *
 * Source: the vendor's page "Obtain an access token", and the struct `Token` of API reference 2022-03-01.
 */
export interface ITokenInfo {
  /** The access token, sent as `Authorization: Bearer …`. Valid for 2 hours, or until the next refresh. */
  access_token: string
  /** The refresh token, valid for 7 days and for one use: each refresh returns a new one. */
  refresh_token?: string
  /** The lifetime of the access token in seconds, counted from the response. */
  expires_in: number
  /** When the access token expires by the server's clock: ISO 8601 in UTC, for example `2022-02-16T07:59:14Z`. */
  expire_time: string
  /** The type of the access token: `Bearer`. */
  token_type?: string
  /** The id of the token's user. */
  user_id?: string
  /** The name of the user. */
  user_name?: string
  /** The display name of the user. */
  nick_name?: string
  /** The URL of the user's picture, or empty. */
  avatar?: string
  /** The id of the user's first drive; empty or absent for a user without a drive. */
  default_drive_id?: string
  /** The role of the user; `superadmin` for a service token. */
  role?: TokenRole
  /** The state of the user's account, for example `enabled`. */
  status?: string
  /** Whether this is the user's first token. */
  is_first_login?: boolean
  /** The id of the domain. */
  domain_id?: string
  /** The id of the subdomain, if the domain has subdomains. */
  subdomain_id?: string
  /** The id of the device that the user signed in on. */
  device_id?: string
  /** The name of the device that the user signed in on. */
  device_name?: string
  /** The `state` of the authorization request, if the server returns it. */
  state?: string
  /** Whether the account still has to be linked to another account. */
  need_link?: boolean
  /** The accounts that the user's account is linked to. */
  exist_link?: LinkInfo[]
  /** Whether the user still has to verify a real person's identity. */
  need_rp_verify?: boolean
  /** Whether the user has set a PIN. */
  pin_setup?: boolean
  /** The id of the user's first sandbox drive. */
  default_sbox_drive_id?: string
  /** Data that the domain stores with the user. */
  user_data?: unknown
}

/** An account that is linked to the account of a user. Source: the vendor's models of API 2022-03-01. */
export interface LinkInfo {
  /** How the account is identified, for example `mobile`. */
  type?: string
  /** The identity, for example a telephone number. */
  identity?: string
  /** Additional data, for example the country code of a telephone number. */
  extra?: string
}

/**
 * A token as an application stores it. Only `access_token` is required.
 *
 * `expire_time` decides when the token is renewed before a call: ISO 8601, by the server's clock.
 */
export interface TokenInfo {
  /** The access token, sent as `Authorization: Bearer …`. */
  access_token: string
  /** The refresh token, valid for one use. */
  refresh_token?: string | undefined
  /** The lifetime of the access token in seconds, counted from when it was issued. */
  expires_in?: number | string | undefined
  /** When the access token expires, by the server's clock: ISO 8601, for example `2022-02-16T07:59:14Z`. */
  expire_time?: string | undefined
  /** The type of the access token: `Bearer`. */
  token_type?: string | undefined
  /** The id of the token's user. */
  user_id?: string | undefined
  /** The name of the user. */
  user_name?: string | undefined
  /** The display name of the user. */
  nick_name?: string | undefined
  /** The URL of the user's picture. */
  avatar?: string | undefined
  /** The id of the user's first drive. */
  default_drive_id?: string | undefined
  /** The role of the user; `superadmin` for a service token. */
  role?: TokenRole | undefined
  /** The state of the user's account, for example `enabled`. */
  status?: string | undefined
  /** The id of the domain. */
  domain_id?: string | undefined
  /** The id of the subdomain, where the domain has such. */
  subdomain_id?: string | undefined
}

/** The documented roles, and any later one. */
export type TokenRole = 'user' | 'admin' | 'superadmin' | (string & {})
