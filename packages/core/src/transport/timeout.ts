import { onAbort } from '#platform'

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

/**
 * Runs a call (`totalTimeout`) or an attempt (`timeout`) with a time limit in milliseconds; 0 means no limit.
 *
 * Rejects with `CallAbort` when the time is over or the signal is aborted, even if `run` waits for a function that
 * ignores its signal, for example a signer. `signal` is the caller's signal for a call, and the call's for an attempt.
 * Leaves no timer and no listener behind.
 */
export function withTimeout<T>(
  by: 'timeout' | 'totalTimeout',
  time: number,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  // The reason of a caller's signal is not used: it may be the CallAbort of another call.
  const reasonOf = ({ reason }: AbortSignal): CallAbort =>
    by === 'timeout' ? reason : new CallAbort('signal')
  if (signal?.aborted) return Promise.reject(reasonOf(signal))
  return new Promise((resolve, reject) => {
    const controller = new AbortController()
    const abort = (reason: CallAbort) => {
      release()
      controller.abort(reason)
      reject(reason)
    }
    const timer = time ? setTimeout(() => abort(new CallAbort(by)), time) : undefined
    const unsubscribe = signal && onAbort(signal, () => abort(reasonOf(signal)))
    const release = () => {
      clearTimeout(timer)
      unsubscribe?.()
    }
    run(controller.signal).then(resolve, reject).finally(release)
  })
}
