import { checkOptions, invalidParameter, type OptionValidator, textOption } from '@pds/core/internal'
import type { Store } from '@pds/session'
import { ChangeFeed } from './change-feed.ts'
import { canList, listKeys } from './list-keys.ts'
import { type RedisClient, redisClientOption } from './redis-client.ts'
import { redisKey } from './redis-key.ts'
import { type RedisSubscriber, redisSubscriberOption } from './redis-subscriber.ts'
import { parseFlag, parseLease, parseNothing, parseRecord } from './replies.ts'
import { scriptRunner } from './script-runner.ts'
import { compareAndSetScript, leaseScript, publishScript, readScript, releaseScript } from './scripts.ts'

/** The options of `redisStore`. */
export interface RedisStoreOptions {
  /** A client of `redis`, `ioredis` or `@upstash/redis`. You connect and close it. */
  client: RedisClient
  /**
   * A second connection of `redis` (`createClient`) or `ioredis` (`Redis`), which the store subscribes with. You connect
   * and close it. With it, sessions hear at once of a sign-out or a new token of another process, and do not read a known
   * record every 5 seconds. Default: sessions read the store again when they need a token.
   *
   * It must be a single connection. In a cluster, connect it to any node. While it is not connected, sessions read the
   * store as without it.
   */
  subscriber?: RedisSubscriber | undefined
  /** The prefix of the keys, which a colon follows. It must not contain braces. Default: `pds`. */
  prefix?: string | undefined
  /**
   * The time that a session is kept after its last write or lease, in milliseconds: 30 days (2 592 000 000) or more.
   * Default: sessions do not expire.
   *
   * A sign-out is a record too. It must outlive every refresh token, so that a process with an old token cannot undo it.
   * A signed-out session of a JWT application signs in again at its next use after its record has expired.
   */
  expireAfter?: number | undefined
}

// 30 days in milliseconds.
const minExpireAfter = 2_592_000_000

const storeOptions: Readonly<Record<keyof RedisStoreOptions, OptionValidator>> = {
  client: redisClientOption,
  subscriber: redisSubscriberOption,
  prefix: {
    wants: 'a non-empty string without braces',
    accepts: (value) => textOption.accepts(value) && !/[{}]/.test(value as string),
  },
  expireAfter: {
    wants: `an integer of at least ${minExpireAfter} (30 days in milliseconds), so that a sign-out outlives every refresh token`,
    accepts: (value) => Number.isSafeInteger(value) && (value as number) >= minExpireAfter,
    received: (value) => (typeof value === 'number' ? value : undefined),
  },
}

/**
 * Creates a store in Redis, which any number of machines share.
 *
 * The store uses the given clients and opens no connection.
 *
 * Calls of the store reject with an `Error` whose message begins with `Redis: ` and contains no data of a session. If the
 * server is unreachable, the settings of the client decide when a call rejects. A damaged record rejects no call: it is
 * returned with an `error`, and `setToken` and `signOut` replace it.
 *
 * @throws A `PDSError` with code `InvalidParameter` for an unknown, missing or invalid option.
 *
 * @example
 * ```ts
 * import { oauthGrant } from '@pds/auth-oauth'
 * import { createTransport } from '@pds/core'
 * import { createSession } from '@pds/session'
 * import { redisStore } from '@pds/session-redis'
 * import { createClient } from 'redis'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 * const app = { client_id: 'webserver-app', redirect_uri: 'https://app.example.com/callback' }
 * const client = await createClient({ url: 'redis://127.0.0.1:6379', disableOfflineQueue: true }).connect()
 * const subscriber = await client.duplicate().connect()
 * const store = redisStore({ client, subscriber })
 * const session = createSession({ key: 'user-1', grant: oauthGrant({ transport, ...app }), store })
 * ```
 */
export function redisStore(options: RedisStoreOptions): Store {
  const {
    client,
    subscriber,
    prefix = 'pds',
    expireAfter,
  } = checkOptions('redisStore', options, storeOptions)
  if ((subscriber as unknown) === client) {
    throw invalidParameter('redisStore: subscriber must be another connection than client')
  }
  const run = scriptRunner(client)
  // The escaped keys of sessions contain no colon, so the name is no key of a session.
  const channel = `${prefix}:changes:`
  const feed =
    subscriber && new ChangeFeed(subscriber, channel, (...args) => run(publishScript, parseNothing, ...args))

  return {
    scope: 'cluster',
    async read(key) {
      return run(readScript, parseRecord, redisKey(prefix, key))
    },
    async compareAndSet(key, { epoch, data }, expectedRev, release) {
      const name = redisKey(prefix, key)
      const args = [
        `${expectedRev}`,
        `${nextRev(expectedRev)}`,
        `${epoch}`,
        data,
        crypto.randomUUID(),
        expireAfter === undefined ? '' : `${expireAfter}`,
        channel,
        name,
        release?.owner ?? '',
        release ? `${release.fence}` : '',
      ]
      return run(compareAndSetScript, parseFlag, name, ...args)
    },
    async lease(key, owner, ttl) {
      // At least the duration of the lease, which would be lost with the key.
      const keepFor = expireAfter === undefined ? '' : `${Math.ceil(Math.max(expireAfter, ttl))}`
      return run(leaseScript, parseLease, redisKey(prefix, key), owner, `${ttl}`, keepFor)
    },
    async release(key, owner, fence) {
      await run(releaseScript, parseNothing, redisKey(prefix, key), owner, `${fence}`)
    },
    ...(feed && {
      watch: (key: string, changed: () => void) => feed.watch(redisKey(prefix, key), changed),
      isWatching: (key: string) => feed.isWatching(redisKey(prefix, key)),
    }),
    ...(canList(client) && { list: () => listKeys(client, run, prefix) }),
  }
}

/** Returns the revision of the write that replaces a revision. It is never 0, which means that a key has no record. */
function nextRev(rev: number): number {
  return rev < 1 || rev >= Number.MAX_SAFE_INTEGER ? 1 : rev + 1
}
