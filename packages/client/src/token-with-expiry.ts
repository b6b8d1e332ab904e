import type { TokenInfo } from '@pds/types'

/** A token and its expiry by the server's clock, in milliseconds since the epoch, or NaN if it is unknown. */
export interface TokenWithExpiry {
  readonly info: Readonly<TokenInfo>
  readonly expiresAt: number
}

/** Returns a frozen copy of a token whose age is unknown. Its expiry is its `expire_time`. */
export function tokenWithExpiry(info: TokenInfo): TokenWithExpiry {
  return { info: Object.freeze({ ...info }), expiresAt: Date.parse(info.expire_time ?? '') }
}

/**
 * Returns a frozen copy of a token that was obtained just now. Its lifetime starts at `now`, in milliseconds since the
 * epoch, so that a new token does not count as expired if the clock is wrong.
 */
export function newTokenWithExpiry(info: TokenInfo, now: number): TokenWithExpiry {
  const token = tokenWithExpiry(info)
  const seconds = Number(info.expires_in)
  if (seconds > 0) return { ...token, expiresAt: now + seconds * 1000 }
  return token.expiresAt > now ? token : { ...token, expiresAt: Number.NaN }
}
