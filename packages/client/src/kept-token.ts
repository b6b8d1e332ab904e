import type { KeptToken, SessionClock } from '@pds/session/internal'
import type { TokenInfo } from '@pds/types'

/** Returns a frozen copy of a token whose age is unknown. It expires at its `expire_time`, or by rejection alone. */
export function importToken(info: TokenInfo, now: number): KeptToken {
  const expireTime = Date.parse(info.expire_time ?? '')
  const [mintedAt, expiresAt] = Number.isNaN(expireTime)
    ? [now, Number.POSITIVE_INFINITY]
    : [Math.min(now, expireTime - (lifetimeOf(info) ?? 0)), expireTime]
  return { info: Object.freeze({ ...info }), mintedAt, expiresAt }
}

/**
 * Returns a frozen copy of a token that was obtained just now. Its lifetime counts from `requestedAt`, in milliseconds
 * since the epoch, so that it does not seem to have expired if the clock is wrong.
 */
export function newToken(info: TokenInfo, requestedAt: number, clock: SessionClock): KeptToken {
  const lifetime = lifetimeOf(info)
  const expiresAt = lifetime === undefined ? Number.POSITIVE_INFINITY : requestedAt + lifetime
  const expireTime = Date.parse(info.expire_time ?? '')
  // A back end may pass on a token that it obtained some time ago.
  const isEarlier = expireTime > requestedAt && expireTime < expiresAt
  const isKnown = lifetime === undefined || clock.isServerTime()
  return {
    info: Object.freeze({ ...info }),
    mintedAt: requestedAt,
    expiresAt: isEarlier && isKnown ? expireTime : expiresAt,
  }
}

/** Returns the lifetime of a token, in milliseconds, or undefined if it has none of at least a second. */
function lifetimeOf({ expires_in }: TokenInfo): number | undefined {
  const seconds = Number(expires_in)
  return seconds >= 1 ? seconds * 1000 : undefined
}
