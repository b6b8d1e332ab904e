import type { TokenInfo } from '@pds/types'

/** A token, and when it expires by the server's clock, in milliseconds since the epoch; NaN where that is not known. */
export interface TokenWithExpiry {
  readonly info: Readonly<TokenInfo>
  readonly expiresAt: number
}

/** Keeps a copy of a token that the application has had for a time that is not known. */
export function tokenWithExpiry(info: TokenInfo): TokenWithExpiry {
  return { info: Object.freeze({ ...info }), expiresAt: Date.parse(info.expire_time ?? '') }
}

/**
 * Keeps a copy of a token that has just been obtained. Its lifetime counts from `now`, in milliseconds since the epoch,
 * so that a clock that is wrong does not make it look old already.
 */
export function newTokenWithExpiry(info: TokenInfo, now: number): TokenWithExpiry {
  const kept = tokenWithExpiry(info)
  const seconds = Number(info.expires_in)
  if (seconds > 0) return { ...kept, expiresAt: now + seconds * 1000 }
  return kept.expiresAt > now ? kept : { ...kept, expiresAt: Number.NaN }
}
