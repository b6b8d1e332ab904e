import { createCallId } from '#platform'
import type { PDSError } from '../errors/pds-error.ts'

/** The argument of `beforeRequest`: an attempt that is about to be sent. */
export interface PDSRequestEvent {
  /** The id of the call: the same for all its attempts, and in the messages of the channel `pds:request`. */
  callId: string
  /** The HTTP method: `POST`. */
  method: 'POST'
  /** The URL without query and fragment, redacted. */
  url: string
  /** The number of the attempt, starting at 1. */
  attempt: number
  /** The headers by lower-case name, redacted. */
  headers: Record<string, string>
  /** The parameters in the body, redacted. */
  params: Record<string, unknown>
}

/** The argument of `afterResponse`: a response, without its body. */
export interface PDSResponseEvent {
  /** The id of the call: the same for all its attempts, and in the messages of the channel `pds:request`. */
  callId: string
  /** The HTTP method: `POST`. */
  method: 'POST'
  /** The URL without query and fragment, redacted. */
  url: string
  /** The number of the attempt, starting at 1. */
  attempt: number
  /** The HTTP status. */
  status: number
  /** The headers by lower-case name, redacted. */
  headers: Record<string, string>
  /** The time from the start of the request to the end of the response body, in milliseconds. */
  duration: number
}

/** The argument of `beforeRetry`: a failed attempt that is retried. */
export interface PDSRetryEvent {
  /** The id of the call: the same for all its attempts, and in the messages of the channel `pds:request`. */
  callId: string
  /** The number of the failed attempt, starting at 1; 0 if no attempt was sent yet. */
  attempt: number
  /** The error of the attempt. */
  error: PDSError
  /** The delay before the next attempt, in milliseconds. */
  delay: number
}

/** The argument of `beforeError`: a call that failed after its last attempt. */
export interface PDSErrorEvent {
  /** The id of the call: the same for all its attempts, and in the messages of the channel `pds:request`. */
  callId: string
  /** The error that the call rejects with. */
  error: PDSError
}

/**
 * Functions that observe calls, for logs and metrics. Their arguments contain no secrets.
 *
 * They are called in order and not awaited. Results, exceptions and rejections are ignored, so that a failing logger
 * cannot make a call fail that may have spent a one-time credential.
 *
 * @example
 * ```ts
 * import { createTransport, type PDSHooks } from '@pds/core'
 *
 * const hooks: PDSHooks = {
 *   afterResponse: ({ url, attempt, status, duration }) => console.log(url, attempt, status, `${duration} ms`),
 *   beforeRetry: ({ error, delay }) => console.warn(`${error.message}, retry in ${delay} ms`),
 * }
 * export const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com', hooks })
 * ```
 */
export interface PDSHooks {
  /** Called before each attempt is sent. */
  beforeRequest?: ((event: PDSRequestEvent) => void) | undefined
  /** Called after each response, whatever its status. */
  afterResponse?: ((event: PDSResponseEvent) => void) | undefined
  /** Called after a failed attempt that is retried, before the delay. */
  beforeRetry?: ((event: PDSRetryEvent) => void) | undefined
  /** Called once for a failed call, before it rejects. */
  beforeError?: ((event: PDSErrorEvent) => void) | undefined
}

type Events = {
  [Name in keyof PDSHooks]-?: Parameters<NonNullable<PDSHooks[Name]>>[0]
}

/** An event before it gets the id of its call. */
export type WithoutId<Event> = Omit<Event, 'callId'>

/** A call with hooks. */
export interface HookedCall {
  /** Absent until a hook or a subscriber needs it. */
  callId?: string
  /** The hooks of the transport, then those of the call. */
  readonly hooks: readonly (PDSHooks | undefined)[]
}

/** Calls the hook with a name in each set, in order. Creates the event only if a set has this hook. */
export function callHooks<Name extends keyof PDSHooks>(
  call: HookedCall,
  name: Name,
  createEvent: () => WithoutId<Events[Name]>,
): void {
  let event: Events[Name] | undefined
  for (const hooks of call.hooks) {
    const hook = hooks?.[name] as ((event: Events[Name]) => unknown) | undefined
    if (!hook) continue
    call.callId ??= createCallId()
    event ??= { callId: call.callId, ...createEvent() } as Events[Name]
    // The promise catches exceptions, and rejections of asynchronous hooks.
    new Promise((resolve) => resolve(hook.call(hooks, event as Events[Name]))).catch(() => undefined)
  }
}
