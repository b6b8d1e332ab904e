import type { AuthorizationResponse } from '@pds/auth-oauth'
import { loopbackError } from './loopback-error.ts'

/** The wait for the callback of one sign-in. What happens first ends it: a callback, or an error. */
export class CallbackWait {
  /** The first callback. */
  readonly callback: Promise<AuthorizationResponse>
  readonly #over = new AbortController()
  #resolve: (response: AuthorizationResponse) => void = () => {}
  #reject: (error: unknown) => void = () => {}

  constructor() {
    this.callback = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** Aborted when the wait is over. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  /** Ends the wait with a callback. Does nothing if the wait is over: a state is valid for one callback. */
  accept(response: AuthorizationResponse): void {
    this.#resolve(response)
    this.stop()
  }

  /** Ends the wait with an error. Does nothing if the wait is over. */
  fail(error: unknown): void {
    this.#reject(error)
    this.stop()
  }

  /** Ends everything that runs only during the wait. */
  stop(): void {
    this.#over.abort()
  }

  /** Lets a signal and a time, in milliseconds, end the wait. 0 means no limit. */
  limit(signal: AbortSignal | undefined, timeout: number): void {
    const onAbort = () => this.fail(aborted())
    const onTimeout = () => this.fail(loopbackError('Timeout', `no callback arrived within ${timeout} ms`))
    const timer = timeout === 0 ? undefined : setTimeout(onTimeout, timeout)
    signal?.addEventListener('abort', onAbort)
    this.over.addEventListener('abort', () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    })
    if (signal?.aborted) onAbort()
  }
}

/** Creates the error of an aborted wait. */
export function aborted(): Error {
  return loopbackError('Aborted', 'the sign-in was aborted by its signal')
}
