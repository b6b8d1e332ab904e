import { checkOptions, invalidParameter, type OptionValidator } from '@pds/core/internal'
import type { Store } from '@pds/session'
import { aRedisClient, type RedisClient } from './redis-client.ts'
import { fenceOf, isWritten, recordOf } from './replies.ts'
import { scriptRunner } from './script-runner.ts'
import { casScript, leaseScript, readScript, releaseScript } from './scripts.ts'

/** The options of `redisStore`. */
export interface RedisStoreOptions {
  /** A client of `redis` or `ioredis`, connected by its owner, who also closes it. */
  client: RedisClient
  /** What the keys begin with, before a colon; without braces. Default: `pds`. */
  prefix?: string | undefined
  /**
   * How long a session is kept after it was last written or leased, in milliseconds. Default: for good.
   *
   * For sessions of OAuth, 7 days (604 800 000), which is the life of a refresh token, is the least that makes sense.
   * A session of a JWT application that was signed out is signed in again by its next use once it has expired.
   */
  expireAfter?: number | undefined
}

const storeOptions: Readonly<Record<keyof RedisStoreOptions, OptionValidator>> = {
  client: aRedisClient,
  prefix: {
    wants: 'a non-empty string without braces',
    accepts: (value) => typeof value === 'string' && /^[^{}]+$/.test(value),
  },
  expireAfter: {
    wants: 'a whole number of milliseconds from 1',
    accepts: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  },
}

/**
 * Makes a store in Redis, for the sessions of any number of machines.
 *
 * Works over the client that it is given, and opens no connection of its own: hence it has no `watch`, which would
 * need one for its subscriptions, and sessions ask again instead. Throws a `PDSError` `InvalidParameter` for an
 * option that is unknown, missing or wrong. The functions of the store reject with a plain Error that begins with
 * `Redis: ` and holds nothing of a session; how soon they do while the server is away is up to the client.
 */
export function redisStore(options: RedisStoreOptions): Store {
  const { client, prefix = 'pds', expireAfter } = checkOptions('the options', '', options, storeOptions)
  if (client === undefined) throw invalidParameter(`client is required: ${aRedisClient.wants}`)
  const run = scriptRunner(client)

  return {
    scope: 'cluster',
    async read(key) {
      return recordOf(await run(readScript, redisKey(prefix, key)))
    },
    async compareAndSet(key, { epoch, data }, expectedRev) {
      const revs = [`${expectedRev}`, `${expectedRev + 1}`] as const
      const keepFor = expireAfter === undefined ? '' : `${expireAfter}`
      const write = crypto.randomUUID()
      return isWritten(await run(casScript, redisKey(prefix, key), ...revs, `${epoch}`, data, write, keepFor))
    },
    async lease(key, owner, ttl) {
      // No shorter than the lease: it would be lost with the key.
      const keepFor = expireAfter === undefined ? '' : `${Math.ceil(Math.max(expireAfter, ttl))}`
      return fenceOf(await run(leaseScript, redisKey(prefix, key), owner, `${ttl}`, keepFor))
    },
    async release(key, owner, fence) {
      await run(releaseScript, redisKey(prefix, key), owner, `${fence}`)
    },
  }
}

/**
 * The Redis key of a session: `prefix:key`, with what would be ambiguous escaped as `%` and hexadecimal digits.
 *
 * A colon is, so that no two prefixes can meet in one key. So is half a pair of surrogates: in UTF-8, which is what
 * is sent, all of them are one character.
 */
export function redisKey(prefix: string, key: string): string {
  const escaped = key.replace(/[%:]|\p{Surrogate}/gu, (char) => `%${char.charCodeAt(0).toString(16)}`)
  return `${prefix}:${escaped}`
}
