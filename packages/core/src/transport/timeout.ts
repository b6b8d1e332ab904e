import { onAbort } from '#platform'

/** What can end a call: its caller's signal, or one of its times, by the names of their options. */
export type AbortSource = 'signal' | 'timeout' | 'totalTimeout'

/** Ends a call before its time. A fetch of one's own knows by its name that the request was not what failed. */
export class CallAbort extends Error {
  override readonly name = 'AbortError'
  readonly by: AbortSource

  constructor(by: AbortSource) {
    super(`ended by ${by}`)
    this.by = by
  }
}

/**
 * Runs a call or an attempt until it ends, its time is over or the signal of what it is a part of is aborted, with
 * `CallAbort` at once: also where what it waits for, such as a signer, does not listen to the signal that it is given.
 * Leaves neither a timer nor a listener behind. The time is in milliseconds; 0 means no limit. An attempt has the time
 * `timeout`, and its call's signal.
 */
export function withTimeout<T>(
  by: 'timeout' | 'totalTimeout',
  time: number,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  // What a signal of a caller is aborted with is the caller's own: it may be the end of another call.
  const reasonOf = ({ reason }: AbortSignal): CallAbort =>
    by === 'timeout' ? reason : new CallAbort('signal')
  if (signal?.aborted) return Promise.reject(reasonOf(signal))
  return new Promise((resolve, reject) => {
    const controller = new AbortController()
    const end = (reason: CallAbort) => {
      release()
      controller.abort(reason)
      reject(reason)
    }
    const timer = time ? setTimeout(() => end(new CallAbort(by)), time) : undefined
    const forget = signal && onAbort(signal, () => end(reasonOf(signal)))
    const release = () => {
      clearTimeout(timer)
      forget?.()
    }
    run(controller.signal).then(resolve, reject).finally(release)
  })
}
