import type { PDSErrorEvent, PDSHooks, PDSRequestEvent, PDSResponseEvent, PDSRetryEvent } from '@pds/core'

/** What a line of the log is about, with every secret masked. */
export type PDSLogEvent = PDSRequestEvent | PDSResponseEvent | PDSRetryEvent | PDSErrorEvent

/** Takes the lines of a log, such as `console.debug`. */
export type PDSLogger = (line: string, event: PDSLogEvent) => void

/** Makes hooks that write each step of a call to a logger, in a line and with what it tells. */
export function logHooks(logger: PDSLogger): PDSHooks {
  return {
    beforeRequest: (event) => logger(`PDS: ${event.method} ${event.url}, attempt ${event.attempt}`, event),
    afterResponse: (event) =>
      logger(`PDS: ${event.url} answered ${event.status} in ${event.duration} ms`, event),
    beforeRetry: (event) =>
      logger(`PDS: again in ${Math.round(event.delay)} ms: ${event.error.message}`, event),
    beforeError: (event) => logger(`PDS: failed: ${event.error.message}`, event),
  }
}
