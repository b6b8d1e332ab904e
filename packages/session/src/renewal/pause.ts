import { invalidParameter } from '@pds/core/internal'
import { unref } from '#platform'

/** The pauses of a session's renewal. They end early when the record may have changed, or the session is closed. */
export class Pauses {
  isClosed = false
  #end: (() => void) | undefined

  /** Throws if the session is closed. */
  assertOpen(): void {
    if (this.isClosed) throw invalidParameter('the session is closed')
  }

  /** Waits for a number of milliseconds, or until `end`. One renewal runs at a time, so one pause does. */
  async wait(milliseconds: number): Promise<void> {
    if (this.isClosed) return
    await new Promise<void>((resolve) => {
      const clear = startTimer(milliseconds, resolve, true)
      this.#end = () => {
        clear()
        resolve()
      }
    })
    this.#end = undefined
  }

  end(): void {
    this.#end?.()
  }
}

/** Starts a timer, which keeps the process alive only with `keepsAlive`. Returns a function that clears it. */
export function startTimer(milliseconds: number, call: () => void, keepsAlive = false): () => void {
  const timer = setTimeout(call, milliseconds)
  if (!keepsAlive) unref(timer)
  return () => clearTimeout(timer)
}
