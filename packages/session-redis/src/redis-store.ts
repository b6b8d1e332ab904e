import { checkOptions, type OptionValidator, textOption } from '@pds/core/internal'
import type { Store } from '@pds/session'
import { type RedisClient, redisClientOption } from './redis-client.ts'
import { parseFence, parseIsWritten, parseRecord } from './replies.ts'
import { scriptRunner } from './script-runner.ts'
import { compareAndSetScript, leaseScript, readScript, releaseScript } from './scripts.ts'

/** The options of `redisStore`. */
export interface RedisStoreOptions {
  /** A client of `redis` or `ioredis`. You connect and close it. */
  client: RedisClient
  /** The prefix of the keys, which a colon follows. It must not contain braces. Default: `pds`. */
  prefix?: string | undefined
  /**
   * The time that a session is kept after its last write or lease, in milliseconds. Default: sessions do not expire.
   *
   * For an OAuth application, use 7 days (604 800 000) or more, the lifetime of a refresh token. A signed-out session of
   * a JWT application signs in again at its next use after its record has expired.
   */
  expireAfter?: number | undefined
}

const storeOptions: Readonly<Record<keyof RedisStoreOptions, OptionValidator>> = {
  client: redisClientOption,
  prefix: {
    wants: 'a non-empty string without braces',
    accepts: (value) => textOption.accepts(value) && !/[{}]/.test(value as string),
  },
  expireAfter: {
    wants: 'a positive integer (milliseconds)',
    accepts: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  },
}

/**
 * Creates a store in Redis, which any number of machines share.
 *
 * The store uses the given client and opens no connection. It has no `watch`, because a subscription needs a separate
 * connection: sessions read the store again when they need a token.
 *
 * Calls of the store reject with an `Error` whose message begins with `Redis: ` and contains no data of a session. If the
 * server is unreachable, the settings of the client decide when a call rejects.
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
 * const store = redisStore({ client })
 * const session = createSession({ key: 'user-1', grant: oauthGrant({ transport, ...app }), store })
 * ```
 */
export function redisStore(options: RedisStoreOptions): Store {
  const { client, prefix = 'pds', expireAfter } = checkOptions('redisStore', options, storeOptions)
  const run = scriptRunner(client)

  return {
    scope: 'cluster',
    async read(key) {
      return parseRecord(await run(readScript, redisKey(prefix, key)))
    },
    async compareAndSet(key, { epoch, data }, expectedRev) {
      const revs = [`${expectedRev}`, `${expectedRev + 1}`] as const
      const keepFor = expireAfter === undefined ? '' : `${expireAfter}`
      const write = crypto.randomUUID()
      const args = [...revs, `${epoch}`, data, write, keepFor]
      return parseIsWritten(await run(compareAndSetScript, redisKey(prefix, key), ...args))
    },
    async lease(key, owner, ttl) {
      // At least the duration of the lease, which would be lost with the key.
      const keepFor = expireAfter === undefined ? '' : `${Math.ceil(Math.max(expireAfter, ttl))}`
      return parseFence(await run(leaseScript, redisKey(prefix, key), owner, `${ttl}`, keepFor))
    },
    async release(key, owner, fence) {
      await run(releaseScript, redisKey(prefix, key), owner, `${fence}`)
    },
  }
}

/**
 * Returns the Redis key of a session: `prefix:key`, with ambiguous characters escaped as `%` and hexadecimal digits.
 *
 * A colon is escaped so that two prefixes cannot produce the same key. A lone surrogate is escaped because UTF-8 encodes
 * every lone surrogate as the same replacement character.
 */
export function redisKey(prefix: string, key: string): string {
  const escaped = key.replace(/[%:]|\p{Surrogate}/gu, (char) => `%${char.charCodeAt(0).toString(16)}`)
  return `${prefix}:${escaped}`
}
