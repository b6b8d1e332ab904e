import type { PDSErrorCode } from '@pds/core'
import type { SessionToken } from '../record/session-state.ts'

/**
 * Why a session renewed its token.
 *
 * - `missing`: the session had none.
 * - `expired`: the token had expired, or would within 30 seconds.
 * - `rejected`: the service rejected the token.
 * - `expiring`: the token would expire soon. Until there is a new one, callers get it.
 * - `early`: the option `keepAlive`, or `warm` of a pool, renewed the token ahead of time.
 */
export type SessionRenewalReason = 'missing' | 'expired' | 'rejected' | 'expiring' | 'early'

/** A renewal has ended. */
export interface SessionRenewalMessage {
  /** The kind of the message. */
  type: 'renewal'
  /** The key of the session. If it is a user id, it is personal data. */
  key: string
  /** Why the token was renewed. */
  reason: SessionRenewalReason
  /** Whether callers had a valid token when the renewal started. */
  background: boolean
  /**
   * - `renewed`: this process obtained a token.
   * - `adopted`: another process did.
   * - `unchanged`: the session still has its earlier token.
   * - `failed`: the renewal failed, or a login is required.
   */
  outcome: 'renewed' | 'adopted' | 'unchanged' | 'failed'
  /** The code of the error. Undefined unless the renewal failed. */
  code: PDSErrorCode | undefined
  /** The message of the error, redacted. Undefined unless the renewal failed. */
  message: string | undefined
  /** The request id of the service. Undefined unless the service rejected the request. */
  reqId: string | undefined
  /** The longest time that a caller waited for the renewal, in milliseconds; 0 if no caller did. */
  waited: number
  /** The duration of the renewal, in milliseconds. It includes the wait for another process and for a turn in a pool. */
  duration: number
  /** The number of calls of the grant: 0 if only another process made one, 2 if a lost refresh was replayed. */
  attempts: number
  /** The id of each call of the grant: the `callId` of its messages on the channel `pds:request`. */
  callIds: readonly string[]
}

/** A new token was not stored, because another state was stored since its request. Callers get the stored state. */
export interface SessionCommitLostMessage {
  /** The kind of the message. */
  type: 'commit_lost'
  /** The key of the session. If it is a user id, it is personal data. */
  key: string
  /** The stored state: another token, a required login or a sign-out. */
  stored: 'another_token' | 'login_required' | 'signed_out'
  /** The time since the start of the renewal, in milliseconds. */
  duration: number
  /** The number of calls of the grant in this renewal. */
  attempts: number
  /** The id of the last call of the grant: the `callId` of its messages on the channel `pds:request`. */
  callId: string | undefined
}

/** A call of the store failed. Callers may have got a token anyway. */
export interface SessionStoreFailureMessage {
  /** The kind of the message. */
  type: 'store_failure'
  /** The key of the session. If it is a user id, it is personal data. */
  key: string
  /** The method of the store. */
  method: 'read' | 'compareAndSet' | 'lease' | 'release'
  /** The code of the error: `StoreFailed`. */
  code: PDSErrorCode
  /** The message of the error, redacted. */
  message: string
  /** The duration of the call, in milliseconds. */
  duration: number
}

/**
 * A message of the channel `pds:session` of `node:diagnostics_channel`. A session publishes nothing for a caller that gets
 * its token without a renewal.
 *
 * No message contains a token. Runtimes without `process.getBuiltinModule` have no channel, and neither have bundles for
 * browsers. A renewal that started before the first subscription has no messages.
 *
 * @example
 * ```ts
 * import { subscribe } from 'node:diagnostics_channel'
 * import type { SessionMessage } from '@pds/session'
 *
 * subscribe('pds:session', (message) => {
 *   const event = message as SessionMessage
 *   if (event.type === 'renewal' && event.outcome === 'failed') console.error(event.code, event.callIds)
 * })
 * ```
 */
export type SessionMessage = SessionRenewalMessage | SessionCommitLostMessage | SessionStoreFailureMessage

/** A method of a store whose failure is published. */
export type StoreMethod = SessionStoreFailureMessage['method']

/** A call of a store whose failure is published. */
export interface ObservedStoreCall extends Pick<SessionStoreFailureMessage, 'key' | 'method'> {
  /** By `performance.now`. */
  readonly startedAt: number
}

/** A renewal whose messages are published. */
export interface ObservedRenewal {
  readonly key: string
  readonly reason: SessionRenewalReason
  readonly background: boolean
  /** By `performance.now`. */
  readonly startedAt: number
  /** The token that is renewed. */
  readonly token: SessionToken | undefined
  /** The ids of the calls of the grant until now. */
  readonly callIds: string[]
}
