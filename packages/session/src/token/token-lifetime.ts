import type { SessionToken, Snapshot } from '../record/session-state.ts'

/* When a token is returned to callers and when it is renewed. All times are in milliseconds. */

// A caller gets a token that is valid for at least this long, or for half the lifetime of a short-lived token. So there are
// at least 30 seconds, or half a lifetime, between two renewals because of expiry.
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

/** The times of the token of a snapshot, as far as the clocks are known. */
export class TokenLife {
  readonly #token: SessionToken
  readonly #lifetime: number
  readonly #remaining: number

  /** `now` is the server's clock. */
  constructor(token: SessionToken, { seenAt }: Pick<Snapshot, 'seenAt'>, now: number) {
    const { mintedAt, expiresAt } = token
    this.#token = token
    this.#lifetime = expiresAt - mintedAt
    // If the clock was set back, the token expires when this session has known it for its whole lifetime.
    this.#remaining = Math.min(expiresAt - now, this.#lifetime - (performance.now() - seenAt))
  }

  /** Whether a caller can use the token for long enough. */
  get isUsable(): boolean {
    return this.#remaining > Math.min(hardWindow, this.#lifetime / 2)
  }

  /** Whether the token has not expired: it can be used if no new one can be obtained. */
  get isValid(): boolean {
    return this.#remaining > 0
  }

  /** Checks whether a session with this jitter should renew the token in the background. */
  isDue(jitter: number): boolean {
    return this.#remaining <= softWindow(this.#lifetime, jitter)
  }

  /** Checks whether the service has rejected this access token. */
  isRejected(rejected: string | undefined): boolean {
    return this.#token.info.access_token === rejected
  }
}

/**
 * Checks whether it is too early for any session to renew a token, so that the store need not be read. `steadyNow` and
 * `seenAt` are times of `performance.now`. A function without an object, because nearly all calls need only this.
 */
export function isFresh(token: SessionToken, seenAt: number, now: number, steadyNow: number): boolean {
  const lifetime = token.expiresAt - token.mintedAt
  const window = softWindow(lifetime, 0)
  return token.expiresAt - now > window && lifetime - (steadyNow - seenAt) > window
}

function softWindow(lifetime: number, jitter: number): number {
  return Math.min(maxSoftWindow - jitter, lifetime / 2)
}

/** Returns the time at which an unused session renews its tokens, so that its refresh token does not expire. */
export function keepAliveAt(token: SessionToken): number {
  return token.mintedAt + keepAliveAfter
}
