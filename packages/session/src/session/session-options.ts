import {
  booleanOption,
  checkOptions,
  functionOption,
  millisecondsOption,
  mustBe,
  type OptionValidator,
  parseEndpoint,
  requiredText,
} from '@pds/core/internal'
import type { Grant } from '@pds/types'
import type { Store } from '../record/store.ts'

/** The options of a session that have defaults. Times are in milliseconds. */
export interface SessionLimits {
  readonly requestTimeout: number
  readonly leaseTime: number
  readonly suspectTime: number
  readonly waitTimeout: number
  readonly replayLostRefresh: boolean
}

/** The options of `createSession`. */
export interface SessionOptions {
  /** Identifies the session, for example a user id. Sessions with the same key, grant `id` and store share a token. */
  key: string
  /** The source of the tokens: `jwtGrant` of `@pds/auth-jwt`, `oauthGrant` of `@pds/auth-oauth`, or a custom grant. */
  grant: Grant
  /** The store that holds the session's record. Default: memory that only this session uses. */
  store?: Store | undefined
  /** More origins that `fetch` may send the token to, for example your back end. Default: only the grant's origins. */
  origins?: readonly string[] | undefined
  /** The function that sends the requests of `session.fetch`. Default: the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined
  /**
   * The clock of the session, in milliseconds since the Unix epoch. It wins over `grant.now`. Default: `grant.now`, or
   * `Date.now`.
   */
  clock?: (() => number) | undefined
  /**
   * Returns whether this machine is online: a hint. It delays background renewals, but no call of the application.
   * Default: `navigator.onLine`, or true if the runtime has none.
   */
  isOnline?: (() => boolean) | undefined
  /** The timeout for one call of the grant, in milliseconds. Default: 10,000. */
  requestTimeout?: number | undefined
  /**
   * How long one process holds the lease to refresh before another process may take over, in milliseconds. Must be at
   * least 1,000 longer than `requestTimeout`. Default: 30,000.
   */
  leaseTime?: number | undefined
  /**
   * How long the session waits for the process that may have spent the refresh token before it requires a login, in
   * milliseconds. Default: 45,000.
   */
  suspectTime?: number | undefined
  /** The longest time that a caller waits for a token, in milliseconds. Default: 120,000. */
  waitTimeout?: number | undefined
  /**
   * Whether a refresh is sent a second time if its response was lost. Set this to false for a server that revokes the
   * whole sign-in when it receives a spent refresh token (RFC 9700 section 4.14.2). Default: true.
   */
  replayLostRefresh?: boolean | undefined
  /**
   * Whether an unused session is refreshed when its refresh token is 5 days old, because the refresh token expires after
   * 7 days. A pool refreshes only its open sessions: use `warm` for the others. Default: false.
   */
  keepAlive?: boolean | undefined
}

/** The options of a session after their check. `origins` has those of the grant too. */
export type CheckedOptions = Omit<SessionOptions, keyof SessionLimits> &
  SessionLimits & { readonly origins: readonly string[] } & PooledOptions

/** What only the sessions of a pool have. */
interface PooledOptions {
  /** Has the id of the record, if that is not the grant. */
  readonly identity?: Pick<Grant, 'id'>
  /** Runs a step of a renewal when it is its turn. Rejects if that takes longer than `timeout` milliseconds. */
  readonly inTurn?: <T>(run: () => Promise<T>, timeout: number, isBackground: boolean) => Promise<T>
}

const positiveMilliseconds: OptionValidator = {
  wants: 'a number of milliseconds from 1',
  accepts: (value) => millisecondsOption.accepts(value) && (value as number) >= 1,
}

/** The validators of the options of `createSession`. */
export const sessionValidators: Readonly<Record<keyof SessionOptions, OptionValidator>> = {
  key: requiredText,
  grant: {
    wants: 'a grant with obtain or refresh, for example from jwtGrant or oauthGrant',
    accepts: (value) => ['obtain', 'refresh'].some((name) => hasFunction(value, name)),
    isRequired: true,
  },
  store: {
    wants: 'a store, for example from sqliteStore or webStore',
    accepts: (value) =>
      ['read', 'compareAndSet', 'lease', 'release'].every((name) => hasFunction(value, name)),
  },
  origins: {
    wants: 'an array of origins, for example https://bj1.api.aliyunpds.com',
    accepts: (value) => Array.isArray(value),
  },
  fetch: functionOption,
  clock: functionOption,
  isOnline: functionOption,
  requestTimeout: positiveMilliseconds,
  leaseTime: positiveMilliseconds,
  suspectTime: millisecondsOption,
  waitTimeout: positiveMilliseconds,
  replayLostRefresh: booleanOption,
  keepAlive: booleanOption,
}

const defaults: SessionLimits = {
  requestTimeout: 10_000,
  leaseTime: 30_000,
  suspectTime: 45_000,
  waitTimeout: 120_000,
  replayLostRefresh: true,
}

/** Returns a copy of the options with their defaults. Throws `InvalidParameter` for an unknown or invalid option. */
export function checkSessionOptions(method: string, options: SessionOptions): CheckedOptions {
  const checked = { ...defaults, ...checkOptions(method, options, sessionValidators) }
  const { leaseTime } = checked
  const minLeaseTime = checked.requestTimeout + 1000
  if (leaseTime < minLeaseTime) {
    throw mustBe(
      `${method}: leaseTime`,
      `at least ${minLeaseTime}, which is requestTimeout + 1000`,
      leaseTime,
    )
  }
  const toOrigins = (endpoints: readonly string[] = [], allowInsecure: boolean) =>
    endpoints.map((each) => new URL(parseEndpoint(`${method}: origins`, each, allowInsecure)).origin)
  // An origin must use TLS or be on this machine. The grant's transport has already allowed its own origins, even without
  // TLS.
  const origins = [...toOrigins(checked.origins, false), ...toOrigins(checked.grant.origins, true)]
  return { ...checked, origins }
}

function hasFunction(value: unknown, name: string): boolean {
  return typeof Object(value)[name] === 'function'
}
