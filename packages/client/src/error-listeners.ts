import type { PDSError } from '@pds/core'
import { invalidParameter } from '@pds/core/internal'

/** Receives the error of each failed call. Exceptions and rejections are ignored. */
export type PDSErrorListener = (error: PDSError) => void

/** The listeners of a client's `error` event. */
export class ErrorListeners {
  readonly #listeners = new Set<PDSErrorListener>()

  /** Adds a listener. Throws `InvalidParameter` for another event or if the listener is not a function. */
  add(event: 'error', listener: PDSErrorListener): void {
    if (event !== 'error') throw invalidParameter("on: the only event is 'error'")
    if (typeof listener !== 'function') throw invalidParameter('on: the listener must be a function')
    this.#listeners.add(listener)
  }

  /** Removes a listener, or all listeners if none is given. Throws `InvalidParameter` for another event. */
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
        // A failing listener must not stop the other listeners.
      }
    }
  }
}
