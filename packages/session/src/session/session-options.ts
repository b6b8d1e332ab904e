import {
  booleanOption,
  checkOptions,
  functionOption,
  invalidParameter,
  millisecondsOption,
  type OptionValidator,
  parseEndpoint,
} from '@pds/core/internal'
import type { Grant } from '@pds/types'
import type { Store } from '../record/store.ts'

/** The times that a session keeps to, and what it may do. */
export interface SessionLimits {
  /** In milliseconds. */
  readonly requestTimeout: number
  readonly leaseTime: number
  readonly suspectTime: number
  readonly waitTimeout: number
  readonly replayLostRefresh: boolean
  readonly keepAlive: boolean
}

/** The options of `createSession`. */
export interface SessionOptions {
  /** Names whose session this is, such as a user's id. Sessions with the same key, grant and store are one. */
  key: string
  /** Where tokens come from: `jwtGrant` of `@pds/auth-jwt`, `oauthGrant` of `@pds/auth-oauth`, or one of your own. */
  grant: Grant
  /** Where the session is kept. Default: a `memoryStore()` of its own. */
  store?: Store | undefined
  /** Further origins that `fetch` may send the token to, such as that of your own back end. Default: the grant's alone. */
  origins?: readonly string[] | undefined
  /** Sends the requests of `session.fetch`. Default: the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined
  /** The local clock, in milliseconds since the epoch. The grant's goes before it. Default: `Date.now`. */
  clock?: (() => number) | undefined
  /** Whether a refresh may be sent now. Default: `navigator.onLine`, where there is that. */
  isOnline?: (() => boolean) | undefined
  /** The time for one refresh or sign-in of the grant, in milliseconds. Default: 10 000. */
  requestTimeout?: number | undefined
  /**
   * How long one process may refresh before another one takes over, in milliseconds: longer than `requestTimeout` by a
   * second or more. Default: 30 000.
   */
  leaseTime?: number | undefined
  /**
   * How long a refresh token that seems to be spent waits for who may have spent it, before a login is required; in
   * milliseconds. Default: 45 000.
   */
  suspectTime?: number | undefined
  /** How long a caller waits for a token at the most, in milliseconds. Default: 120 000. */
  waitTimeout?: number | undefined
  /**
   * Whether a refresh token is sent once more after a refresh whose answer was lost. Set it to false for a server that
   * ends the sign-in when a spent refresh token comes again (RFC 9700 section 4.14.2). Default: true.
   */
  replayLostRefresh?: boolean | undefined
  /**
   * Whether a session that nobody uses is refreshed by itself once its refresh token is 5 days old, so that it does not
   * expire after 7. Default: false.
   */
  keepAlive?: boolean | undefined
}

const atLeastOne: OptionValidator = {
  wants: 'a number of milliseconds from 1',
  accepts: (value) => millisecondsOption.accepts(value) && (value as number) >= 1,
}

const kinds: Readonly<Record<keyof SessionOptions, OptionValidator>> = {
  key: { wants: 'a non-empty string', accepts: (value) => typeof value === 'string' && value !== '' },
  grant: {
    wants: 'a grant: an object with a function obtain, refresh or both, such as jwtGrant or oauthGrant makes',
    accepts: (value) =>
      hasFunctions(value, []) && (hasFunctions(value, ['obtain']) || hasFunctions(value, ['refresh'])),
  },
  store: {
    wants: 'a store, such as memoryStore, sqliteStore, redisStore or webStore makes',
    accepts: (value) => hasFunctions(value, ['read', 'compareAndSet', 'lease', 'release']),
  },
  origins: {
    wants: 'an array of origins such as https://bj1.api.aliyunpds.com',
    accepts: (value) => Array.isArray(value),
  },
  fetch: functionOption,
  clock: functionOption,
  isOnline: functionOption,
  requestTimeout: atLeastOne,
  leaseTime: atLeastOne,
  suspectTime: millisecondsOption,
  waitTimeout: atLeastOne,
  replayLostRefresh: booleanOption,
  keepAlive: booleanOption,
}

/** Throws `InvalidParameter` for an option that is unknown, missing or wrong. Gives a copy of the others. */
export function checkSessionOptions(options: SessionOptions): SessionOptions & SessionLimits {
  const given = checkOptions('the options', '', options, kinds)
  for (const name of ['key', 'grant'] as const) {
    if (given[name] === undefined) throw invalidParameter(`${name} is required: ${kinds[name].wants}`)
  }
  const { requestTimeout = 10_000, leaseTime = 30_000, suspectTime = 45_000, waitTimeout = 120_000 } = given
  if (leaseTime < requestTimeout + 1000) {
    throw invalidParameter(
      `leaseTime must be longer than requestTimeout by 1000 ms or more, got ${leaseTime} and ${requestTimeout}`,
    )
  }
  // Origins that may see a token: over TLS, or on this machine.
  const origins = (given.origins ?? []).map((origin) => originOf(origin, false))
  // The transport has accepted what is insecure about its own.
  origins.push(...(given.grant.origins ?? []).map((origin) => originOf(origin, true)))
  const { replayLostRefresh = true, keepAlive = false } = given
  return {
    ...given,
    origins,
    requestTimeout,
    leaseTime,
    suspectTime,
    waitTimeout,
    replayLostRefresh,
    keepAlive,
  }
}

function originOf(origin: string, allowInsecure: boolean): string {
  return new URL(parseEndpoint('origins', origin, allowInsecure)).origin
}

function hasFunctions(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
}
