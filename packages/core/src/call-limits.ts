import { onAbort } from '#platform'

/** What can end a call from outside. */
export interface CallLimits {
  signal: AbortSignal | undefined
  /** In milliseconds, for all attempts and the pauses between them; 0 means no limit. */
  totalTimeout: number
}

/** Ends a call before its time. It never leaves the package. */
export class CallEnded extends Error {
  readonly by: keyof CallLimits

  constructor(by: keyof CallLimits) {
    super(by)
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
  if (signal?.aborted) throw new CallEnded('signal')
  const controller = new AbortController()
  let end: (by: keyof CallLimits) => void = () => undefined
  const ended = new Promise<never>((_resolve, reject) => {
    end = (by) => {
      reject(new CallEnded(by))
      controller.abort()
    }
  })
  const timer = totalTimeout === 0 ? undefined : setTimeout(() => end('totalTimeout'), totalTimeout)
  const forget = signal && onAbort(signal, () => end('signal'))
  try {
    return await Promise.race([run(controller.signal), ended])
  } finally {
    clearTimeout(timer)
    forget?.()
  }
}
