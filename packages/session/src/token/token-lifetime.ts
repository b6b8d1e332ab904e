import type { SessionState, SessionToken } from '../record/session-state.ts'

/* When a token is returned to callers and when it is renewed. All times are by the server's clock, in milliseconds. */

// A caller gets a token that is valid for at least this long, or for half the lifetime of a short-lived token.
const hardWindow = 30_000
// A token is renewed in the background this long before it expires, or in the second half of a short lifetime.
const maxSoftWindow = 600_000
const maxJitter = 300_000
// The vendor documents a lifetime of 7 days for a refresh token.
const keepAliveAfter = 5 * 24 * 3_600_000

/** Returns a random time by which a session shortens its soft window, so that sessions do not all renew at once. */
export function drawJitter(): number {
  return Math.random() * maxJitter
}

/** Checks whether a token was not rejected and is valid for long enough to be returned to a caller. */
export function isUsable({ token }: SessionState, now: number, rejected?: string): boolean {
  if (token === undefined || token.info.access_token === rejected) return false
  return now < token.expiresAt - Math.min(hardWindow, lifetime(token) / 2)
}

/** Checks whether a token was not rejected and has not expired: it can be used if no new one can be obtained. */
export function isValid({ token }: SessionState, now: number, rejected?: string): boolean {
  return token !== undefined && token.info.access_token !== rejected && now < token.expiresAt
}

/** Checks whether it is too early for any session to renew a token, so that the store need not be read. */
export function isFresh(token: SessionToken, now: number): boolean {
  return now < token.expiresAt - softWindow(token, 0)
}

/** Checks whether this session should renew a token in the background. */
export function isDue(token: SessionToken, now: number, jitter: number): boolean {
  return now >= token.expiresAt - softWindow(token, jitter)
}

/** Returns the time at which an unused session renews its tokens, so that its refresh token does not expire. */
export function keepAliveAt(token: SessionToken): number {
  return token.mintedAt + keepAliveAfter
}

function lifetime({ mintedAt, expiresAt }: SessionToken): number {
  return expiresAt - mintedAt
}

function softWindow(token: SessionToken, jitter: number): number {
  return Math.min(maxSoftWindow - jitter, lifetime(token) / 2)
}
