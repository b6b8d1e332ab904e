import type { TokenRole } from '@pds/types'

/**
 * A token as an application keeps it: of what the token methods return, only `access_token` is required.
 *
 * `expire_time` tells when it is renewed before a call: ISO 8601, by the server's clock.
 */
export interface TokenInfo {
  access_token: string
  refresh_token?: string | undefined
  /** In seconds, from when the token was issued. */
  expires_in?: number | string | undefined
  expire_time?: string | undefined
  token_type?: string | undefined
  user_id?: string | undefined
  user_name?: string | undefined
  nick_name?: string | undefined
  avatar?: string | undefined
  default_drive_id?: string | undefined
  role?: TokenRole | undefined
  status?: string | undefined
  domain_id?: string | undefined
  subdomain_id?: string | undefined
}

/** A token, and when it expires by the server's clock, in milliseconds since the epoch; NaN where that is not known. */
export interface KeptToken {
  readonly info: Readonly<TokenInfo>
  readonly expiresAt: number
}

/** Keeps a copy of a token that the application has had for a time that is not known. */
export function keepToken(info: TokenInfo): KeptToken {
  return { info: Object.freeze({ ...info }), expiresAt: Date.parse(info.expire_time ?? '') }
}

/**
 * Keeps a copy of a token that has just been obtained. Its lifetime counts from `now`, in milliseconds since the epoch,
 * so that a clock that is wrong does not make it look old already.
 */
export function keepNewToken(info: TokenInfo, now: number): KeptToken {
  const kept = keepToken(info)
  const seconds = Number(info.expires_in)
  if (seconds > 0) return { ...kept, expiresAt: now + seconds * 1000 }
  return kept.expiresAt > now ? kept : { ...kept, expiresAt: Number.NaN }
}
