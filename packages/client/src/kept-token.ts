import type { ITokenInfo } from '@pds/types'

/**
 * A token as an application keeps it: of what the token methods return, only `access_token` is required.
 *
 * `expire_time` tells when it is renewed before a call: ISO 8601, by the server's clock.
 */
export type TokenInfo = Pick<ITokenInfo, 'access_token'> & Partial<ITokenInfo>

/** A token, and when it expires by the server's clock, in milliseconds since the epoch; NaN where that is not known. */
export interface KeptToken {
  readonly info: Readonly<TokenInfo>
  readonly expiresAt: number
}

/** Keeps a copy of a token that the application has had for a time that is not known. */
export function keepToken(info: TokenInfo): KeptToken {
  return { info: { ...info }, expiresAt: Date.parse(info.expire_time ?? '') }
}

/**
 * Keeps a copy of a token that has just been obtained. Its lifetime counts from `now`, in milliseconds since the epoch,
 * so that a clock that is wrong does not make it look old already.
 */
export function keepNewToken(info: TokenInfo, now: number): KeptToken {
  const seconds = Number(info.expires_in)
  return seconds > 0 ? { info: { ...info }, expiresAt: now + seconds * 1000 } : keepToken(info)
}
