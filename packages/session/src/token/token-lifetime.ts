import type { SessionToken } from '../record/session-state.ts'

/* When a token is returned to callers and when it is renewed. All times are in milliseconds. */

/**
 * A caller gets a token that is valid for at least this long, or for half the lifetime of a short-lived token. So there
 * are at least 30 seconds, or half a lifetime, between two renewals because of expiry.
 */
export const hardWindow = 30_000
/** A token is renewed in the background this long before it expires, or in the second half of a short lifetime. */
export const maxSoftWindow = 600_000
const maxJitter = 300_000
/**
 * An unused session renews a token of this age, so that its refresh token does not expire. The vendor documents a lifetime
 * of 7 days for a refresh token.
 */
export const keepAliveAfter: number = 5 * 24 * 3_600_000

/** Returns a random time by which a session shortens its soft window, so that sessions do not all renew at once. */
export function drawJitter(): number {
  return Math.random() * maxJitter
}

/**
 * Checks whether a token is valid for longer than a window, or than half its lifetime if that is shorter.
 *
 * `now` is the server's clock. `seenAt`, when the session first knew the token, and `steadyNow` are times of
 * `performance.now`.
 */
export function outlasts(
  window: number,
  { mintedAt, expiresAt }: SessionToken,
  seenAt: number,
  now: number,
  steadyNow: number = performance.now(),
): boolean {
  const lifetime = expiresAt - mintedAt
  // If the clock was set back, the token expires when the session has known it for its whole lifetime.
  const remaining = Math.min(expiresAt - now, lifetime - (steadyNow - seenAt))
  return remaining > Math.min(window, lifetime / 2)
}
