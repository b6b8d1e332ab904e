import type { PDSError } from '@pds/core'
import { invalidParameter } from '@pds/core/internal'
import type { SessionState } from '../record/session-state.ts'
import { loginRequired } from './login-required.ts'

/** What a listener of a session is told. No token is in it: `session.getToken()` gives that. */
export interface SessionEvents {
  /** There is another token: this session got it, or another one of the same key did. */
  refreshed: {
    /** `this` where this session got the token, `another` where another one of the same key did. */
    readonly by: 'this' | 'another'
    /** When the token expires, by the server's clock: ISO 8601. */
    readonly expire_time: string
  }
  /** The user has to sign in. The `cause` of the error is a `LoginRequiredCause`. */
  login_required: {
    /** `this` where this session found out, `another` where another one of the same key did. */
    readonly by: 'this' | 'another'
    /** What callers get, with the code `LoginRequired`. */
    readonly error: PDSError
  }
  /** The session was signed out. */
  signed_out: {
    /** `this` where this session was, `another` where another one of the same key was. */
    readonly by: 'this' | 'another'
  }
  /** A refresh, the store or a revocation failed. Callers may have got a token all the same. */
  error: {
    /** What went wrong. */
    readonly error: PDSError
  }
}

/** Is told of the events of one type. What it throws or rejects with is ignored. */
export type SessionListener<Type extends keyof SessionEvents> = (event: SessionEvents[Type]) => void

const types: readonly string[] = [
  'refreshed',
  'login_required',
  'signed_out',
  'error',
] satisfies (keyof SessionEvents)[]

interface Added {
  readonly type: keyof SessionEvents
  readonly listener: (event: never) => void
}

/** The listeners of a session. What they throw or reject with is ignored. */
export class SessionListeners {
  /** Replaced by each change: one list costs a session that is idle less than a set for each type. */
  #added: readonly Added[] = []

  /** Adds a listener. Gives what removes it. Throws `InvalidParameter`. */
  add<Type extends keyof SessionEvents>(type: Type, listener: SessionListener<Type>): () => void {
    if (!types.includes(type)) {
      throw invalidParameter(`subscribe: there are the events ${types.join(', ')}`)
    }
    if (typeof listener !== 'function') throw invalidParameter('subscribe: the listener must be a function')
    // The same function may be given twice.
    const added: Added = { type, listener }
    this.#added = [...this.#added, added]
    return () => {
      this.#added = this.#added.filter((each) => each !== added)
    }
  }

  emit<Type extends keyof SessionEvents>(type: Type, event: SessionEvents[Type]): void {
    for (const { type: itsType, listener } of this.#added) {
      if (itsType !== type) continue
      try {
        const result: unknown = (listener as SessionListener<Type>)(event)
        Promise.resolve(result).catch(() => undefined)
      } catch {
        // A listener that fails must not cost a token.
      }
    }
  }

  isEmpty(): boolean {
    return this.#added.length === 0
  }

  clear(): void {
    this.#added = []
  }
}

/** Tells listeners what is different between two states of a session. */
export function emitChanges(
  listeners: SessionListeners,
  was: SessionState | undefined,
  { status, token, cause = 'rejected', rejection }: SessionState,
  by: 'this' | 'another',
): void {
  if (token && token.info.access_token !== was?.token?.info.access_token) {
    listeners.emit('refreshed', { by, expire_time: new Date(token.expiresAt).toISOString() })
  }
  if (status === was?.status) return
  if (status === 'login_required')
    listeners.emit('login_required', { by, error: loginRequired(cause, rejection) })
  if (status === 'signed_out') listeners.emit('signed_out', { by })
}
