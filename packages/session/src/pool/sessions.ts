import type { PDSError } from '@pds/core'
import type { Grant } from '@pds/types'
import type { Session } from '../session/session.ts'
import type { SessionEvents } from '../session/session-events.ts'
import type { SessionOptions } from '../session/session-options.ts'
import type { SessionStatus } from '../session/session-status.ts'

/** The options of `createSession` that the sessions of a pool share. */
export type SharedOptions = Omit<SessionOptions, 'key' | 'grant'>

/** The options of `createSessions`: those of `createSession` for all sessions, and these. */
export interface SessionsOptions extends SharedOptions {
  /**
   * Returns the grant of a session, for example `jwtGrant` for the user with this id. It is called each time a session is
   * opened, and must always return a grant with the same `id` for a key.
   */
  grant: (key: string) => Grant
  /**
   * The number of sessions that stay open. The pool evicts the least recently used ones beyond it. Default: 10,000.
   */
  max?: number | undefined
  /** The number of sessions that renew their tokens at a time. The others wait. 0 means no limit. Default: 32. */
  concurrency?: number | undefined
  /**
   * Separates the records of this pool from those of other pools in the same store. Default: only the `id` of the grants
   * does, which names the issuer and the client. The records are then those of `createSession`.
   */
  namespace?: string | undefined
}

/** The events of a session with the key of the session. */
export type SessionsEvents = {
  [Type in keyof SessionEvents]: SessionEvents[Type] & {
    /** The key of the session. */
    readonly key: string
  }
}

/** A function that receives the events of one type of all sessions. The pool ignores what it throws or rejects with. */
export type SessionsListener<Type extends keyof SessionsEvents> = (event: SessionsEvents[Type]) => void

/** The numbers of a pool. */
export interface SessionsStats {
  /** The sessions that are open now. */
  readonly open: number
  /**
   * The open sessions that the pool cannot evict now: a call or renewal is under way, the store lacks their token, or
   * they have listeners.
   */
  readonly pinned: number
  /** The sessions that renew their tokens now. */
  readonly renewing: number
  /** The sessions that wait for their turn to renew their tokens. */
  readonly waiting: number
  /** How often the pool has evicted a session. */
  readonly evicted: number
  /** How often a renewal has failed. */
  readonly failed: number
}

/** What `warm` did with a session. */
export interface WarmProgress {
  /** The key of the session. */
  readonly key: string
  /**
   * - `renewed`: the session has a new token.
   * - `valid`: the token does not expire soon, or cannot be renewed and is still valid.
   * - `login_required`: the user has to sign in, or has signed out.
   * - `failed`: the renewal or the store failed, with `error`. A valid token is used nevertheless.
   */
  readonly outcome: 'renewed' | 'valid' | 'login_required' | 'failed'
  /** Why the session has no new token. */
  readonly error?: PDSError | undefined
  /** The number of keys that are done. */
  readonly done: number
}

/** The options of `warm`. */
export interface WarmOptions {
  /**
   * Renews the tokens that expire within this time, in milliseconds, or that are in the second half of a shorter lifetime.
   * Default: 600,000 (10 minutes).
   */
  within?: number | undefined
  /** Stops with a `PDSError` with code `Aborted`. Renewals that are under way continue. */
  signal?: AbortSignal | undefined
  /** Is called after each session. */
  onProgress?: ((progress: WarmProgress) => void) | undefined
}

/** How many sessions had each outcome of `WarmProgress`. */
export type WarmResult = Readonly<Record<WarmProgress['outcome'], number>>

/** A record of the store. */
export interface SessionEntry {
  /** The key of the session. */
  readonly key: string
  /** The status of the session as the store has it. */
  readonly state: SessionStatus
}

/** A pool of sessions of one application. Its functions can be called without `this`. */
export interface Sessions {
  /**
   * Returns the session of a key. Each call returns another object, and all objects of a key share one engine.
   *
   * An object stays usable: if the pool has evicted its session, the next call opens the session again and finds the
   * token in the store. `close` of an object removes the listeners of that object only. `state` is `unknown` while the
   * session is not open.
   *
   * @throws PDSError with code `InvalidParameter` if the key is not a non-empty string, the grant is invalid or the pool is
   * closed. Throws what the function `grant` throws.
   * @example
   * ```ts
   * import type { Sessions } from '@pds/session'
   *
   * export const tokenOf = (users: Sessions, user_id: string) => users.get(user_id).getAccessToken()
   * ```
   */
  get(key: string): Session
  /**
   * Starts a new sign-in of a session, with a token that its grant obtains. Call it when a user has signed in to your
   * application: a session that was signed out returns no token until then, and an invalid private key fails here.
   *
   * @throws PDSError with code `InvalidParameter` if the grant has no `obtain`, like the grant of an OAuth application: pass the
   * token of the sign-in to `setToken`. Throws the errors of the grant's request, and `StoreFailed`.
   * @example
   * ```ts
   * import type { Sessions } from '@pds/session'
   *
   * export async function afterLogin(users: Sessions, user_id: string): Promise<void> {
   *   await users.signIn(user_id)
   * }
   * ```
   */
  signIn(key: string): Promise<void>
  /**
   * Renews the tokens that expire soon, at most `concurrency` at a time, for example before a peak or after a restart.
   * Failures are counted and reported, not thrown.
   *
   * @throws PDSError with code `InvalidParameter` for invalid keys or options, or with code `Aborted`.
   * @example
   * ```ts
   * import type { Sessions } from '@pds/session'
   *
   * export async function warmAll(users: Sessions, user_ids: readonly string[]) {
   *   const { renewed, failed } = await users.warm(user_ids, { within: 1_200_000 })
   *   return `${renewed} tokens renewed, ${failed} failed`
   * }
   * ```
   */
  warm(keys: Iterable<string> | AsyncIterable<string>, options?: WarmOptions): Promise<WarmResult>
  /** Returns the numbers of the pool. */
  stats(): SessionsStats
  /**
   * Reads the records of this pool from the store, a few at a time. Opens no session and sends no request. A record that is
   * written or removed during the call may be missing, and with Redis a record may occur twice. The function `grant` is called for
   * each record. If it throws, the record counts as one of another pool.
   *
   * @throws PDSError with code `InvalidParameter` if the store cannot list its records, or with code `StoreFailed`.
   * @example
   * ```ts
   * import type { Sessions } from '@pds/session'
   *
   * export async function countSignedIn(users: Sessions): Promise<number> {
   *   let count = 0
   *   for await (const { state } of users.entries()) if (state.status === 'ok') count++
   *   return count
   * }
   * ```
   */
  entries(): AsyncIterableIterator<SessionEntry>
  /**
   * Calls a listener at each event of a type of any open session. Returns a function that removes the listener.
   *
   * @throws PDSError with code `InvalidParameter` if the type is unknown or the listener is not a function.
   * @example
   * ```ts
   * import type { Sessions } from '@pds/session'
   *
   * export const warnOfErrors = (users: Sessions) =>
   *   users.subscribe('error', ({ key, error }) => process.emitWarning(`${key}: ${error.message}`))
   * ```
   */
  subscribe<Type extends keyof SessionsEvents>(type: Type, listener: SessionsListener<Type>): () => void
  /**
   * Waits for the calls and renewals that are under way, and for attempts to store a token that the store failed to write,
   * up to 10 for each. Then closes all sessions. From the call on, the functions of the pool and its sessions throw a
   * `PDSError` with code `InvalidParameter`. The records stay in the store.
   */
  close(): Promise<void>
}
