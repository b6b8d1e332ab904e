import type { PDSError } from '@pds/core'
import { invalidParameter } from '@pds/core/internal'

/** Is told of each call that failed for good. What it throws is ignored. */
export type PDSErrorListener = (error: PDSError) => void

/** The listeners of a client's event `error`. */
export class ErrorListeners {
  readonly #listeners = new Set<PDSErrorListener>()

  /** Throws `InvalidParameter` for another event or for what is no function. */
  add(event: 'error', listener: PDSErrorListener): void {
    if (event !== 'error') throw invalidParameter("on: the only event is 'error'")
    if (typeof listener !== 'function') throw invalidParameter('on: the listener must be a function')
    this.#listeners.add(listener)
  }

  /** Removes a listener, or without one all of them. */
  remove(event: 'error', listener?: PDSErrorListener): void {
    if (event !== 'error') throw invalidParameter("off: the only event is 'error'")
    if (listener === undefined) this.#listeners.clear()
    else this.#listeners.delete(listener)
  }

  emit(error: PDSError): void {
    for (const listener of [...this.#listeners]) {
      try {
        const result: unknown = listener(error)
        Promise.resolve(result).catch(() => undefined)
      } catch {
        // A listener that fails must not make another one miss the error.
      }
    }
  }
}
