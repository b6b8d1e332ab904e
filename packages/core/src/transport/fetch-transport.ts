import { onAbort } from '#platform'
import type { Engine } from '../call/call-settings.ts'
import { createTransportOver, type PDSTransport } from './create-transport.ts'
import type { PDSTransportConfig } from './transport-config.ts'

/** Runs the attempts of a call in a loop. */
const loopEngine: Engine = async (attempt, nextDelay, deadline) => {
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      const delay = await nextDelay(error)
      if (delay === undefined) throw error
      await deadline.run(0, (signal) => {
        return new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, delay)
          onAbort(signal, () => clearTimeout(timer))
        })
      })
    }
  }
}

/**
 * Creates a transport that does not depend on ky. It has the same options and behaviour as `createTransport` of
 * `@pds/core`, is smaller in a page and loads faster.
 *
 * Throws a `PDSError` with code `InvalidParameter` for an option that is unknown, missing or invalid. Transports share
 * no state.
 *
 * @example
 * ```ts
 * import { createTransport } from '@pds/core/fetch'
 *
 * export const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 * ```
 */
export function createTransport(options: PDSTransportConfig): PDSTransport {
  return createTransportOver(loopEngine, options)
}
