import { rejectOnAbort } from './abortable.ts'

// A timer that is later than this, in milliseconds, was delayed by a suspended process or tab and not by load.
const suspendThreshold = 1000

/**
 * Settles like a call, or rejects with a `TimeoutError` after a time in milliseconds. It then also aborts the signal that
 * the call received.
 *
 * A suspended process or frozen tab may have missed the response. Therefore a timer that fires too late starts once
 * again.
 */
export function withTimeout<T>(milliseconds: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const timeout = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const start = (canRestart: boolean) => {
    const due = performance.now() + milliseconds
    timer = setTimeout(() => {
      if (canRestart && performance.now() > due + suspendThreshold) start(false)
      else timeout.abort(timeoutError(milliseconds))
    }, milliseconds)
  }
  start(true)
  return rejectOnAbort(timeout.signal, call(timeout.signal)).finally(() => clearTimeout(timer))
}

/** Not a `DOMException`, which React Native does not have. */
function timeoutError(milliseconds: number): Error {
  return Object.assign(new Error(`no response within ${milliseconds} ms`), { name: 'TimeoutError' })
}
