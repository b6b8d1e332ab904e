import {
  checkOptions,
  countOption,
  functionOption,
  invalidParameter,
  type OptionValidator,
  textOption,
} from '@pds/core/internal'
import { memoryStore } from '../record/memory-store.ts'
import { checkSubscription } from '../session/known-state.ts'
import type { SessionEvents } from '../session/session-events.ts'
import { checkSessionOptions, sessionValidators } from '../session/session-options.ts'
import { listEntries } from './list-entries.ts'
import { PooledSession } from './pooled-session.ts'
import { SessionPool } from './session-pool.ts'
import type {
  Sessions,
  SessionsEvents,
  SessionsListener,
  SessionsOptions,
  SharedOptions,
} from './sessions.ts'
import { signInSession } from './sign-in-session.ts'
import { warmSessions } from './warm-sessions.ts'

const defaultMax = 10_000
// As many requests as a transport sends at a time by default.
const defaultConcurrency = 32

/** A listener and the type of its events. */
interface Subscription {
  readonly type: keyof SessionsEvents
  readonly listener: (event: never) => void
}

/**
 * Creates a pool of sessions, for a back end that serves many users. It opens sessions on demand and evicts the least
 * recently used ones.
 *
 * A session that the pool has evicted finds its token in the store when it is used again. The default store is a
 * `memoryStore`: it keeps all records in the memory of this process.
 *
 * @throws PDSError with code `InvalidParameter` if an option is unknown, missing or invalid; `UnsupportedEnvironment` without
 * `crypto.randomUUID`, for example in a page that is not served over HTTPS.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs'
 * import { jwtGrant } from '@pds/auth-jwt'
 * import { createTransport } from '@pds/core'
 * import { createSessions } from '@pds/session'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 * const app = { domain_id: 'bj1', client_id: 'jwt-app', private_key_pem: readFileSync('key.pem', 'utf8') }
 * const users = createSessions({ grant: (user_id) => jwtGrant({ transport, ...app, user_id }) })
 * export const access_token = await users.get('user-1').getAccessToken()
 * ```
 */
export function createSessions(options: SessionsOptions): Sessions {
  const method = 'createSessions'
  // Created here, because bundlers keep spreads at the top level of a module.
  const poolValidators: Readonly<
    Record<Exclude<keyof SessionsOptions, keyof SharedOptions>, OptionValidator>
  > = {
    grant: { ...functionOption, isRequired: true },
    max: {
      wants: 'a positive integer',
      accepts: (value) => Number.isSafeInteger(value) && (value as number) > 0,
    },
    concurrency: countOption,
    namespace: textOption,
  }
  const { key: _, ...validators } = { ...sessionValidators, ...poolValidators }
  const {
    grant,
    max = defaultMax,
    concurrency = defaultConcurrency,
    namespace,
    store = memoryStore(),
    ...rest
  } = checkOptions(method, options, validators)
  const shared = { ...rest, store }
  // Checks the options now, not when the first session is opened.
  checkSessionOptions(method, { ...shared, key: method, grant: { obtain: grant as never } })
  const pool = new SessionPool({ grant, max, concurrency, namespace, shared })
  let subscriptions: readonly Subscription[] = []

  function emit<Type extends keyof SessionEvents>(key: string, type: Type, event: SessionEvents[Type]): void {
    for (const subscription of subscriptions) {
      if (subscription.type !== type) continue
      const listener = subscription.listener as (event: unknown) => unknown
      // A listener that throws or rejects must not fail the refresh.
      const call = async () => listener({ ...event, key })
      call().catch(() => undefined)
    }
  }

  function checkKey(method: string, key: string): void {
    if (textOption.accepts(key)) return
    throw invalidParameter(`${method}: the key of a session must be a non-empty string`)
  }

  return {
    get(key) {
      checkKey('get', key)
      pool.open(key)
      return new PooledSession(pool, key)
    },
    async signIn(key) {
      checkKey('signIn', key)
      await pool.call(key, signInSession)
    },
    warm: async (keys, options) => warmSessions(pool, keys, options),
    stats() {
      const { turns, size, evicted } = pool
      const { active, waiting, failed } = turns
      return { open: size, pinned: pool.countPinned(), renewing: active, waiting, evicted, failed }
    },
    entries: () => listEntries(pool),
    subscribe<Type extends keyof SessionsEvents>(type: Type, listener: SessionsListener<Type>) {
      checkSubscription(type, listener)
      pool.assertOpen()
      pool.forwardEvents(emit)
      const added: Subscription = { type, listener }
      subscriptions = [...subscriptions, added]
      return () => {
        subscriptions = subscriptions.filter((each) => each !== added)
      }
    },
    close: () => pool.close(),
  }
}
