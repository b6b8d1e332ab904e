import { onAbort } from '#platform'

/**
 * Settles like the promise, or rejects with the signal's reason when the signal is aborted. The promise itself need not
 * listen to the signal.
 */
export function rejectOnAbort<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const unsubscribe = onAbort(signal, () => reject(signal.reason))
    promise.then(resolve, reject).finally(unsubscribe)
  })
}
