import { PDSError } from '@pds/core/internal'
import type { Moment } from '../record/session-state.ts'
import type { SessionClock } from '../session/session-clock.ts'

// The backoff after a failure, in milliseconds: doubled with each further failure.
const minDelay = 1000
const maxDelay = 60_000
// So many lost responses in a row are a failure of the service.
const minLostResponses = 3

/** A renewal that is under way. */
interface Underway<Result> {
  readonly isBackground: boolean
  readonly rejected: string | undefined
  readonly result: Promise<Result>
}

/** How a renewal ended that a caller has waited for. */
export interface Ended<Result> {
  /** Undefined if a background renewal failed. */
  readonly result: Result | undefined
  /** The rejected access token for which the renewal was started. */
  readonly rejected: string | undefined
}

/**
 * Runs the renewals of a session: one at a time, shared by all callers. After a failure, callers get the same failure
 * until a backoff ends.
 */
export class RenewalCoordinator<Result> {
  readonly #run: (rejected: string | undefined, isBackground: boolean) => Promise<Result>
  readonly #clock: SessionClock
  #underway: Underway<Result> | undefined
  #failures = 0
  /** The pause after the last renewal. */
  #pause: { readonly since: Moment; readonly duration: number } | undefined
  /** The failure that callers get during the pause. */
  #failure: PDSError | undefined

  constructor(
    run: (rejected: string | undefined, isBackground: boolean) => Promise<Result>,
    clock: SessionClock,
  ) {
    this.#run = run
    this.#clock = clock
  }

  /** The failure of the last renewal, until its backoff ends. */
  get failure(): PDSError | undefined {
    return this.#isPaused ? this.#failure : undefined
  }

  /** Waits for the renewal that is under way, or for a new one. Throws its error. */
  async renew(rejected: string | undefined): Promise<Ended<Result>> {
    const underway = this.#underway ?? this.#start(rejected, false)
    try {
      return { result: await underway.result, rejected: underway.rejected }
    } catch (error) {
      if (!underway.isBackground) throw error
      return { result: undefined, rejected: underway.rejected }
    }
  }

  /** Renews the token in the background, unless a renewal is under way or the backoff has not ended. */
  renewInBackground(rejected: string | undefined): void {
    if (this.#underway || this.#isPaused) return
    this.#start(rejected, true).result.catch(() => undefined)
  }

  /**
   * Starts the backoff after a failure. Returns the error that callers get: with the time of the next attempt as its
   * `retryAt`, if they get it until then.
   *
   * A lost response may be the last one, so callers wait only after a few of them. A request that was not sent costs the
   * service nothing.
   */
  noteFailure(error: PDSError, isFromService: boolean = hasReachedService(error)): PDSError {
    this.#failures++
    // Random, so that processes that failed together do not retry together.
    const backoff = Math.min(minDelay * 2 ** (this.#failures - 1), maxDelay) * (0.5 + Math.random() / 2)
    const now = this.#clock.local()
    const delay = Math.max(backoff, (error.retryAt ?? 0) - now)
    this.#startPause(delay)
    const isShared = isFromService || (error.outcome === 'unknown' && this.#failures >= minLostResponses)
    this.#failure = isShared ? withRetryAt(error, now + delay) : undefined
    return this.#failure ?? error
  }

  /** Ends the backoff: the session has another token. */
  reset(): void {
    this.#failures = 0
    this.#failure = undefined
    this.#pause = undefined
  }

  get #isPaused(): boolean {
    if (!this.#pause) return false
    const { since, duration } = this.#pause
    // A clock may stop while a machine sleeps.
    return Math.max(this.#clock.now() - since.wall, performance.now() - since.steady) < duration
  }

  #startPause(duration: number): void {
    this.#pause = { since: { wall: this.#clock.now(), steady: performance.now() }, duration }
  }

  #start(rejected: string | undefined, isBackground: boolean): Underway<Result> {
    const end = () => {
      this.#underway = undefined
    }
    const result = this.#run(rejected, isBackground).then(
      (value) => {
        end()
        if (isBackground) this.#startPause(minDelay)
        return value
      },
      (error: unknown) => {
        end()
        throw error
      },
    )
    this.#underway = { result, rejected, isBackground }
    return this.#underway
  }
}

/** Checks whether the service responded, or has asked to wait. */
function hasReachedService({ status, retryAt }: PDSError): boolean {
  return status !== undefined || retryAt !== undefined
}

/** Returns a copy of an error with the time of the next attempt, in milliseconds since the epoch. */
function withRetryAt(error: PDSError, retryAt: number): PDSError {
  const { message, cause } = error
  return new PDSError(message, { ...error, retryAt, ...(cause !== undefined && { cause }) })
}

/** Checks whether an error is a failure to be retried later. A login is required at once, and a store has no backoff. */
export function isRetryable({ code }: PDSError): boolean {
  return !['LoginRequired', 'StoreFailed', 'InvalidParameter', 'Aborted'].includes(code)
}
