import type { PDSError } from '@pds/core'
import { invalidParameter } from '@pds/core/internal'
import { isSamePair, type SessionState } from '../record/session-state.ts'
import { loginRequired } from '../renewal/login-required.ts'
import type { SessionStatus } from './session-status.ts'

/** The events of a session, by type. No event contains a token: call `session.getToken()` for that. */
export interface SessionEvents {
  /** The session has another token. */
  refreshed: {
    /** `this` if this session object obtained the token, `another` if it learned of the token from the store. */
    readonly by: 'this' | 'another'
    /** When the token expires, by the server's clock, in ISO 8601. */
    readonly expire_time: string
  }
  /** The user has to sign in. Emitted once, not for each caller. */
  login_required: {
    /** `this` if this session object found out, `another` if it learned of it from the store. */
    readonly by: 'this' | 'another'
    /** The error that callers get, with code `LoginRequired`. Its `cause` is a `LoginRequiredCause`. */
    readonly error: PDSError
  }
  /** The session was signed out. */
  signed_out: {
    /** `this` if this session object was signed out, `another` if it learned of the sign-out from the store. */
    readonly by: 'this' | 'another'
  }
  /** The status of the session has changed. The event is the new `session.state`. */
  changed: SessionStatus
  /** A refresh, the store or a revocation failed. Callers may have got a token anyway. */
  error: {
    /** The failure. */
    readonly error: PDSError
  }
}

/** A function that receives the events of one type. The session ignores what it throws or rejects with. */
export type SessionListener<Type extends keyof SessionEvents> = (event: SessionEvents[Type]) => void

const types: readonly string[] = [
  'refreshed',
  'login_required',
  'signed_out',
  'error',
  'changed',
] satisfies (keyof SessionEvents)[]

/** A listener and the type of its events. */
export interface Subscription {
  readonly type: keyof SessionEvents
  readonly listener: (event: never) => void
}

/** Checks the parameters of `subscribe`. Throws `InvalidParameter`. */
export function checkSubscription({ type, listener }: Subscription): void {
  if (!types.includes(type)) {
    throw invalidParameter(`subscribe: the event type must be one of ${types.join(', ')}`)
  }
  if (typeof listener !== 'function') throw invalidParameter('subscribe: the listener must be a function')
}

/** Emits an event of a session. */
export type Emit = <Type extends keyof SessionEvents>(type: Type, event: SessionEvents[Type]) => void

/** Emits the events for the differences between two states of a session. */
export function emitChanges(
  emit: Emit,
  previous: SessionState,
  state: SessionState,
  by: 'this' | 'another',
): void {
  const { status, token } = state
  if (token && !isSamePair(token, previous.token)) {
    emit('refreshed', { by, expire_time: new Date(token.expiresAt).toISOString() })
  }
  if (status === previous.status) return
  if (status === 'login_required') {
    emit('login_required', { by, error: loginRequired(state.cause ?? 'rejected', state) })
  }
  if (status === 'signed_out') emit('signed_out', { by })
}
