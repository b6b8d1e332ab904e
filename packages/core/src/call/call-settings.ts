import type { ObservedCall } from '../diagnostics/request-message.ts'
import type { PDSAuthorization } from '../transport/authorization.ts'
import type { PDSFetch, PDSFetchInit, PDSFetchResponse } from '../transport/fetch-types.ts'
import type { HookedCall } from '../transport/hooks.ts'
import type { ServerClock } from '../transport/server-clock.ts'
import type { CallDeadline } from './call-deadline.ts'

/** The settings of one call: its options, with the transport's as defaults. */
export interface CallSettings extends HookedCall {
  url: URL
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>
  authorization: PDSAuthorization | undefined
  /** In milliseconds; 0 means no limit. */
  timeout: number
  /** In milliseconds; 0 means no limit. */
  totalTimeout: number
  retryCount: number
  retryUnknown: boolean
  /** In bytes. */
  maxContentLength: number
  /** Passed to fetch unchanged. */
  init: Pick<PDSFetchInit, 'cache' | 'credentials' | 'keepalive'>
  fetch: PDSFetch
  clock: ServerClock
  /** Absent if nothing observes the channel `pds:request`. */
  readonly observed?: ObservedCall
  /** Whether the URL is at an origin of the transport. Other servers may have another time. */
  isTrusted: boolean
}

/**
 * Runs the attempts of a call: over ky in `@pds/core`, over a loop in `@pds/core/fetch`. The functions decide everything;
 * the engine repeats and waits.
 *
 * `attempt` sends one attempt. It returns a response with a 2xx status, and rejects otherwise. `nextDelay` then returns the
 * delay before the next attempt, in milliseconds, or undefined to fail with the error. `deadline` ends the delay.
 */
export type Engine = (
  attempt: () => Promise<PDSFetchResponse>,
  nextDelay: (error: unknown) => Promise<number | undefined>,
  deadline: CallDeadline,
  url: URL,
) => Promise<PDSFetchResponse>
