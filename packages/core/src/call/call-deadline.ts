import { onAbort } from '#platform'
import { AttemptFailure } from '../errors/attempt-errors.ts'
import { maxTimerDelay } from '../options/options.ts'

/** A step of a call that can end early. */
export interface AbortableStep {
  abort(reason: AttemptFailure): void
}

/**
 * Aborts a call by the caller's signal or after `totalTimeout`, and its attempts after `timeout`. A call waits for one
 * step at a time.
 */
export class CallDeadline {
  readonly #totalTimeout: number
  readonly #unsubscribe: (() => void) | undefined
  #startedAt: number | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #reason: AttemptFailure | undefined
  #step: AbortableStep | undefined

  /** `totalTimeout` is in milliseconds; 0 means no limit. */
  constructor(signal: AbortSignal | undefined, totalTimeout: number) {
    this.#totalTimeout = totalTimeout
    // The reason of the caller's signal is not used: it may be that of another call.
    const abort = () => this.#abort('signal')
    this.#unsubscribe = signal && onAbort(signal, abort)
  }

  /** The time that is left for the call, in milliseconds. */
  get remaining(): number {
    const limit = this.#totalTimeout || maxTimerDelay
    return this.#startedAt === undefined ? limit : limit - (performance.now() - this.#startedAt)
  }

  /** Starts `totalTimeout`. */
  start(): void {
    this.#startedAt = performance.now()
    if (this.#totalTimeout) {
      this.#timer = setTimeout(() => this.#abort('totalTimeout'), this.#totalTimeout)
    }
  }

  /** Throws an `AttemptFailure` if the call has ended early. */
  throwIfAborted(): void {
    if (this.#reason) throw this.#reason
  }

  /** Aborts a step when the call ends early, in place of the previous step. */
  onAbort(step: AbortableStep): void {
    this.#step = step
  }

  /**
   * Runs a step of the call. Rejects with `AttemptFailure` when the call ends early or after `timeout` milliseconds (0
   * means no limit), even if the step ignores its signal.
   */
  run<T>(timeout: number, step: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.throwIfAborted()
      const controller = new AbortController()
      const abort = (reason: AttemptFailure) => {
        clearTimeout(timer)
        controller.abort(reason)
        reject(reason)
      }
      const timer = timeout ? setTimeout(() => abort(new AttemptFailure('timeout')), timeout) : undefined
      this.onAbort({ abort })
      step(controller.signal)
        .then(resolve, reject)
        .then(() => clearTimeout(timer))
    })
  }

  /** Removes the timer and the listener of the call. */
  release(): void {
    clearTimeout(this.#timer)
    this.#unsubscribe?.()
  }

  #abort(by: 'signal' | 'totalTimeout'): void {
    const reason = new AttemptFailure(by)
    this.#reason = reason
    this.release()
    this.#step?.abort(reason)
  }
}
