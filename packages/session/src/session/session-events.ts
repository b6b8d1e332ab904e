import type { PDSError } from '@pds/core'
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

/** A listener and the type of its events. */
export interface Subscription {
  readonly type: keyof SessionEvents
  readonly listener: (event: never) => void
}
