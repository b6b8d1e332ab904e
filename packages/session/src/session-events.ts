import { invalidParameter, type PDSError } from '@pds/core'

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

type Listeners = { [Type in keyof SessionEvents]: Set<SessionListener<Type>> }

/** The listeners of a session. What they throw or reject with is ignored. */
export class SessionListeners {
  readonly #listeners: Listeners = {
    refreshed: new Set(),
    login_required: new Set(),
    signed_out: new Set(),
    error: new Set(),
  }

  /** Adds a listener. Gives what removes it. Throws `InvalidParameter`. */
  add<Type extends keyof SessionEvents>(type: Type, listener: SessionListener<Type>): () => void {
    if (!Object.hasOwn(this.#listeners, type)) {
      throw invalidParameter(`subscribe: there are the events ${Object.keys(this.#listeners).join(', ')}`)
    }
    if (typeof listener !== 'function') throw invalidParameter('subscribe: the listener must be a function')
    // The same function may be given twice.
    const call: SessionListener<Type> = (event) => listener(event)
    this.#listeners[type].add(call)
    return () => this.#listeners[type].delete(call)
  }

  emit<Type extends keyof SessionEvents>(type: Type, event: SessionEvents[Type]): void {
    for (const listener of [...this.#listeners[type]]) {
      try {
        const result: unknown = listener(event)
        Promise.resolve(result).catch(() => undefined)
      } catch {
        // A listener that fails must not cost a token.
      }
    }
  }

  isEmpty(): boolean {
    return Object.values(this.#listeners).every(({ size }) => size === 0)
  }

  clear(): void {
    for (const listeners of Object.values(this.#listeners)) listeners.clear()
  }
}
