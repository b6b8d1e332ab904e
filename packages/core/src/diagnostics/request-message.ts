import type { PDSOutcome } from '../errors/outcome.ts'
import type { PDSErrorCode } from '../errors/pds-error.ts'

/** The fields of each message of the channel `pds:request`. */
export interface PDSRequestMessageBase {
  /** The id of the call: the same in its messages, in its hooks and in the messages of `pds:session`. */
  callId: string
  /** The function that the application called, for example `getUserJwtToken`; `post` if the transport does not know it. */
  method: string
  /** The URL without query and fragment, redacted. */
  url: string
}

/** A call has started. It may still wait for a slot, see the option `concurrency`. */
export interface PDSRequestStartMessage extends PDSRequestMessageBase {
  /** The kind of the message. */
  type: 'start'
}

/** The fields of a message about a failure. */
export interface PDSRequestFailure {
  /** The code of the `PDSError`. */
  code: PDSErrorCode
  /** The message of the `PDSError`, redacted. */
  message: string
  /** Whether a one-time credential may have been spent. */
  outcome: PDSOutcome
  /** The HTTP status. Undefined if no response arrived. */
  status: number | undefined
  /** The request id of the service. Undefined if the response has none. */
  reqId: string | undefined
}

/** An attempt has failed, and another one follows. */
export interface PDSRequestRetryMessage extends PDSRequestMessageBase, PDSRequestFailure {
  /** The kind of the message. */
  type: 'retry'
  /** The number of the failed attempt, starting at 1; 0 if no attempt was sent yet. */
  attempt: number
  /** The delay before the next attempt, in milliseconds. */
  delay: number
  /** The time since the start of the call, in milliseconds. */
  duration: number
}

/** A call has succeeded. */
export interface PDSRequestEndMessage extends PDSRequestMessageBase {
  /** The kind of the message. */
  type: 'end'
  /** The number of attempts that were sent. */
  attempts: number
  /** The time since the start of the call, in milliseconds. */
  duration: number
  /** The HTTP status. */
  status: number
  /** The request id of the service. Undefined if the response has none. */
  reqId: string | undefined
}

/** A call has failed. */
export interface PDSRequestErrorMessage extends PDSRequestMessageBase, PDSRequestFailure {
  /** The kind of the message. */
  type: 'error'
  /** The number of attempts that were sent; 0 if none was. */
  attempts: number
  /** The time since the start of the call, in milliseconds. */
  duration: number
}

/**
 * A message of the channel `pds:request` of `node:diagnostics_channel`. Each call has one `start`, then a `retry` before
 * each further attempt, then either `end` or `error`. A call with invalid parameters has no messages.
 *
 * No message contains a secret, a header or a body. Runtimes without `process.getBuiltinModule` have no channel, and
 * neither have bundles for browsers. A call that started before the first subscription has no messages.
 *
 * @example
 * ```ts
 * import { subscribe } from 'node:diagnostics_channel'
 * import type { PDSRequestMessage } from '@pds/core'
 *
 * subscribe('pds:request', (message) => {
 *   const call = message as PDSRequestMessage
 *   if (call.type === 'end') console.log(call.method, call.status, `${call.duration} ms`)
 * })
 * ```
 */
export type PDSRequestMessage =
  | PDSRequestStartMessage
  | PDSRequestRetryMessage
  | PDSRequestEndMessage
  | PDSRequestErrorMessage

/** A call whose messages are published. */
export interface ObservedCall extends PDSRequestMessageBase {
  /** By `performance.now`. */
  readonly startedAt: number
}
