import { onAbort } from '#platform'
import { maxTimerDelay } from '../options/options.ts'

/** The option that aborts a call. */
export type AbortSource = 'signal' | 'timeout' | 'totalTimeout'

/** The reason of an aborted call. Its name tells a custom fetch that the request did not fail but was aborted. */
export class CallAbort extends Error {
  override readonly name = 'AbortError'
  readonly by: AbortSource

  constructor(by: AbortSource) {
    super(`aborted by ${by}`)
    this.by = by
  }
}

/** A step of a call that can end early. */
export interface AbortableStep {
  abort(reason: CallAbort): void
}

/**
 * Aborts a call by the caller's signal or after `totalTimeout`, and its attempts after `timeout`. A call waits for one
 * step at a time.
 */
export class CallDeadline {
  readonly #totalTimeout: number
  readonly #unsubscribe: (() => void) | undefined
  // Created at the start: thousands of calls may wait for theirs.
  #controller: AbortController | undefined
  #startedAt: number | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #reason: CallAbort | undefined
  #step: AbortableStep | undefined

  /** `totalTimeout` is in milliseconds; 0 means no limit. */
  constructor(signal: AbortSignal | undefined, totalTimeout: number) {
    this.#totalTimeout = totalTimeout
    // The reason of the caller's signal is not used: it may be the CallAbort of another call.
    const abort = () => this.#abort('signal')
    if (signal?.aborted) abort()
    else this.#unsubscribe = signal && onAbort(signal, abort)
  }

  /** The time that is left for the call, in milliseconds. */
  get remaining(): number {
    const limit = this.#totalTimeout || maxTimerDelay
    return this.#startedAt === undefined ? limit : limit - (performance.now() - this.#startedAt)
  }

  /** Starts `totalTimeout`. Returns a signal that is aborted when the call ends early. Its reason is a `CallAbort`. */
  start(): AbortSignal {
    this.throwIfAborted()
    this.#controller = new AbortController()
    this.#startedAt = performance.now()
    if (this.#totalTimeout) {
      this.#timer = setTimeout(() => this.#abort('totalTimeout'), this.#totalTimeout)
    }
    return this.#controller.signal
  }

  /** Throws a `CallAbort` if the call has ended early. */
  throwIfAborted(): void {
    if (this.#reason) throw this.#reason
  }

  /** Aborts a step when the call ends early, in place of the previous step. */
  onAbort(step: AbortableStep): void {
    this.#step = step
  }

  /**
   * Runs a step of the call. Rejects with `CallAbort` when the call ends early or after `timeout` milliseconds (0 means
   * no limit), even if the step ignores its signal.
   */
  run<T>(timeout: number, step: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.throwIfAborted()
      const controller = new AbortController()
      const abort = (reason: CallAbort) => {
        clearTimeout(timer)
        controller.abort(reason)
        reject(reason)
      }
      const timer = timeout ? setTimeout(() => abort(new CallAbort('timeout')), timeout) : undefined
      this.onAbort({ abort })
      step(controller.signal).then(
        (value) => {
          clearTimeout(timer)
          resolve(value)
        },
        (error: unknown) => {
          clearTimeout(timer)
          reject(error)
        },
      )
    })
  }

  /** Removes the timer and the listener of the call. */
  release(): void {
    clearTimeout(this.#timer)
    this.#unsubscribe?.()
  }

  #abort(by: AbortSource): void {
    const reason = new CallAbort(by)
    this.#reason = reason
    this.release()
    this.#controller?.abort(reason)
    this.#step?.abort(reason)
  }
}
