import { onAbort } from '#platform'
import { untilAborted } from './until-aborted.ts'

/** What can end a call from outside. */
export interface CallLimits {
  signal?: AbortSignal | undefined
  /** In milliseconds, for all attempts and the pauses between them; 0 means no limit. */
  totalTimeout: number
}

/** Ends a call before its time. A fetch of one's own knows by its name that the request was not what failed. */
export class CallEnded extends Error {
  override readonly name = 'AbortError'
  readonly by: keyof CallLimits

  constructor(by: keyof CallLimits) {
    super(`ended by ${by}`)
    this.by = by
  }
}

/**
 * Runs a call until it ends or its limits end it, with `CallEnded` at once: also where what it waits for, such as a
 * signer, does not listen to the signal that it is given. Leaves neither a timer nor a listener behind.
 */
export async function withinLimits<T>(
  { signal, totalTimeout }: CallLimits,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const end = (by: keyof CallLimits) => controller.abort(new CallEnded(by))
  if (signal?.aborted) throw new CallEnded('signal')
  const timer = totalTimeout ? setTimeout(end, totalTimeout, 'totalTimeout') : undefined
  const forget = signal && onAbort(signal, () => end('signal'))
  try {
    return await untilAborted(controller.signal, run(controller.signal))
  } finally {
    clearTimeout(timer)
    forget?.()
  }
}
