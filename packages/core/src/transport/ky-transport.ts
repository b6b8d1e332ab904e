import ky from 'ky'
import type { Engine } from '../call/call-settings.ts'
import { createTransportOver, type PDSTransport } from './create-transport.ts'
import type { PDSTransportConfig } from './transport-config.ts'

/**
 * Runs the attempts of a call in the retry loop of ky.
 *
 * The loop starts with the failure of the first attempt: a call that succeeds at once would only pay for the Requests that
 * ky creates, 15 µs and 8 KiB of memory until the next full garbage collection.
 */
const kyEngine: Engine = (attempt, nextDelay, deadline, url) =>
  attempt().catch((failure: unknown) => {
    let delay: number | undefined
    let count = 0
    const controller = new AbortController()
    return ky(url, {
      signal: controller.signal,
      // Each attempt has its own timeout.
      timeout: false,
      retry: {
        // No limit: the policy counts the retries.
        limit: 1e9,
        async shouldRetry({ error }) {
          delay = await nextDelay(error)
          // A hook may have aborted the call.
          deadline.throwIfAborted()
          deadline.onAbort(controller)
          return delay !== undefined
        },
        delay: () => delay ?? 0,
      },
      // An attempt sends its own URL and init: fetch takes longer with a Request.
      fetch: () => (count++ ? attempt() : Promise.reject(failure)) as Promise<Response>,
    })
  })

/**
 * Creates a transport: the token functions take it as their first argument and send their requests through it.
 *
 * Throws a `PDSError` with code `InvalidParameter` for an option that is unknown, missing or invalid. Transports share
 * no state.
 *
 * @example
 * ```ts
 * import { createTransport } from '@pds/core'
 *
 * export const transport = createTransport({
 *   api_endpoint: 'https://bj1.api.aliyunpds.com',
 *   timeout: 5000,
 *   retryCount: 1,
 * })
 * ```
 */
export function createTransport(options: PDSTransportConfig): PDSTransport {
  return createTransportOver(kyEngine, options)
}
