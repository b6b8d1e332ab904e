import { noteCaller } from '#platform'
import type { Backoff } from './backoff.ts'

/** Starts a renewal. */
type Run<Result> = (rejected: string | undefined, isBackground: boolean) => Promise<Result>

/** Runs the renewals of a session: one at a time, shared by all callers. */
export class RenewalCoordinator<Result> {
  readonly #run: Run<Result>
  readonly #backoff: Backoff
  /** The renewal that is under way. */
  underway: Promise<Result | undefined> | undefined
  /** When the first caller started to wait for it, by `performance.now`. Only set if the renewal is observed. */
  declare callerSince?: number | undefined

  constructor(run: Run<Result>, backoff: Backoff) {
    this.#run = run
    this.#backoff = backoff
  }

  /**
   * Waits for the renewal that is under way, or for a new one. Throws its error. Returns undefined if a background
   * renewal failed.
   */
  async renew(rejected: string | undefined): Promise<Result | undefined> {
    noteCaller(this)
    return this.underway ?? this.start(rejected, false)
  }

  /** Renews the token in the background, unless a renewal is under way or the backoff has not ended. */
  renewInBackground(rejected: string | undefined): void {
    if (!this.underway && !this.#backoff.isPaused) void this.start(rejected, true)
  }

  /** Starts a renewal, and throws its error. None may be under way. */
  start(rejected: string | undefined, isBackground: boolean): Promise<Result> {
    const result = this.#run(rejected, isBackground).finally(() => {
      this.underway = undefined
    })
    this.underway = isBackground ? result.catch(() => undefined) : result
    return result
  }
}
