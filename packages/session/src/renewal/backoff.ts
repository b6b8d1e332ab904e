import { PDSError } from '@pds/core/internal'
import type { SessionClock } from '../session/session-clock.ts'

// The backoff after a failure, in milliseconds: doubled with each further failure.
const minDelay = 1000
const maxDelay = 60_000
// So many lost responses in a row are a failure of the service.
const minLostResponses = 3

/** Delays the next renewal after a failure. */
export class Backoff {
  /** The failure of the last renewal. */
  lastFailure: PDSError | undefined
  readonly #clock: SessionClock
  #failures = 0
  // A clock may stop while a machine sleeps.
  #endByClock = 0
  #endBySteadyTime = 0

  constructor(clock: SessionClock) {
    this.#clock = clock
  }

  /** The failure that callers get instead of another attempt, until the pause ends. */
  get failure(): PDSError | undefined {
    return this.isPaused && this.lastFailure?.retryAt !== undefined ? this.lastFailure : undefined
  }

  get isPaused(): boolean {
    return this.#clock.now() < this.#endByClock && performance.now() < this.#endBySteadyTime
  }

  /**
   * Starts the backoff after a failure. Returns the error that callers get: with the time of the next attempt as its
   * `retryAt`, if they get it until then.
   *
   * A lost response may be the last one, so callers wait only after a few of them. A request that was not sent costs the
   * service nothing.
   */
  note(error: PDSError, hasAskedToWait?: boolean): PDSError {
    const { message, cause, outcome, status, retryAt } = error
    this.#failures++
    // Random, so that processes that failed together do not retry together.
    const backoff = Math.min(minDelay * 2 ** (this.#failures - 1), maxDelay) * (0.5 + Math.random() / 2)
    const now = this.#clock.local()
    const delay = Math.max(backoff, (retryAt ?? 0) - now)
    this.pause(delay)
    // By default, every response of the service counts, and every failure that has asked to wait.
    const isFromService =
      hasAskedToWait ?? (outcome === 'responded' || status !== undefined || retryAt !== undefined)
    const isShared = isFromService || (outcome === 'unknown' && this.#failures >= minLostResponses)
    this.lastFailure = isShared ? new PDSError(message, { ...error, cause, retryAt: now + delay }) : error
    return this.lastFailure
  }

  /** Pauses the renewals, for example after one that may have brought no new token. */
  pause(duration: number = minDelay): void {
    this.#endByClock = this.#clock.now() + duration
    this.#endBySteadyTime = performance.now() + duration
  }

  /** Ends the backoff: the session has another token. */
  reset(): void {
    this.#failures = 0
    this.lastFailure = undefined
    this.#endByClock = 0
  }
}
