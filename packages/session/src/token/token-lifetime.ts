import type { SessionState, SessionToken } from '../record/session-state.ts'

/* When a token is given out and when it is renewed. All times are the server's, in milliseconds. */

// What a caller is promised of a token, and when others renew it. Of a short life, both are half.
const hardWindow = 30_000
const maxSoftWindow = 600_000
const maxJitter = 300_000
// Of the seven days that the vendor documents for a refresh token.
const keepAliveAfter = 5 * 24 * 3_600_000

/** How much earlier than others this session renews: drawn once, so that not all of them do at the same moment. */
export function drawJitter(): number {
  return Math.random() * maxJitter
}

/** Whether a token is valid for long enough to be given to a caller, and was not refused. */
export function isUsable({ token }: SessionState, now: number, rejected?: string): boolean {
  if (token === undefined || token.info.access_token === rejected) return false
  return now < token.expiresAt - Math.min(hardWindow, lifetime(token) / 2)
}

/** Whether a token can still be given out where no better one is to be had. */
export function isValid({ token }: SessionState, now: number, rejected?: string): boolean {
  return token !== undefined && token.info.access_token !== rejected && now < token.expiresAt
}

/** Whether nobody renews a token yet, so that it can be given out without a look into the store. */
export function isFresh(token: SessionToken, now: number): boolean {
  return now < token.expiresAt - softWindow(token, 0)
}

/** Whether it is time to renew a token beside the callers, who get the old one meanwhile. */
export function isDue(token: SessionToken, now: number, jitter: number): boolean {
  return now >= token.expiresAt - softWindow(token, jitter)
}

/** When the refresh token of an unused session is to be renewed, so that it does not expire. */
export function keepAliveAt(token: SessionToken): number {
  return token.mintedAt + keepAliveAfter
}

function lifetime({ mintedAt, expiresAt }: SessionToken): number {
  return expiresAt - mintedAt
}

function softWindow(token: SessionToken, jitter: number): number {
  return Math.min(maxSoftWindow - jitter, lifetime(token) / 2)
}
