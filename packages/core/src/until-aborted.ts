import { onAbort } from '#platform'

/**
 * The promise's result, or the signal's reason: a signer or a fetch that does not listen to it is not waited for. What
 * it gives after that is handed to `discard`.
 */
export function untilAborted<T>(
  signal: AbortSignal,
  promise: Promise<T>,
  discard: (late: T) => void = () => undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    const forget = onAbort(signal, () => reject(signal.reason))
    promise
      .then((value) => (signal.aborted ? discard(value) : resolve(value)), reject)
      .finally(forget)
      .catch(() => undefined)
  })
}
