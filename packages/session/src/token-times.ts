import type { KeptToken, SessionState } from './session-state.ts'

/* When a token is given out and when it is renewed. All times are the server's, in milliseconds. */

// What a caller is promised of a token.
const hardWindow = 30_000
const longestSoftWindow = 600_000
const mostJitter = 300_000
// A token that is younger is not renewed for its age, whatever two clocks say: no two machines renew in turns.
const youth = 30_000
// Of the seven days that the vendor documents for a refresh token.
const keepAliveAfter = 5 * 24 * 3_600_000

/** How much earlier than others this session renews: drawn once, so that not all of them do at the same moment. */
export function drawJitter(): number {
  return Math.random() * mostJitter
}

/** Whether a token is valid for long enough to be given to a caller who was not refused with it. */
export function isUsable({ token }: SessionState, now: number, rejected?: string): boolean {
  if (token === undefined || token.info.access_token === rejected) return false
  return now < token.expiresAt - hardWindow || isYoung(token, now)
}

/** Whether a token can still be given out where no better one is to be had. */
export function isAlive({ token }: SessionState, now: number, rejected?: string): boolean {
  return token !== undefined && token.info.access_token !== rejected && now < token.expiresAt
}

/** Whether nobody renews a token yet, so that it can be given out without a look into the store. */
export function isFresh(token: KeptToken, now: number): boolean {
  return now < token.expiresAt - softWindow(token, 0)
}

/** Whether it is time to renew a token beside the callers, who get the old one meanwhile. */
export function isDue(token: KeptToken, now: number, jitter: number): boolean {
  return now >= token.expiresAt - softWindow(token, jitter) && !isYoung(token, now)
}

/** When the refresh token of an unused session is to be renewed, so that it does not expire. */
export function keepAliveAt(token: KeptToken): number {
  return token.mintedAt + keepAliveAfter
}

function softWindow({ mintedAt, expiresAt }: KeptToken, jitter: number): number {
  return Math.min(longestSoftWindow - jitter, (expiresAt - mintedAt) / 2)
}

function isYoung({ mintedAt }: KeptToken, now: number): boolean {
  return Math.abs(now - mintedAt) < youth
}
