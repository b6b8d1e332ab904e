import { inspect } from 'node:util'
import { encryptedStore, type Store } from '@pds/session'
import { type RedisClient, redisStore } from '@pds/session-redis'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { keyOfRedisKey, redisKey } from './redis-key.ts'
import { type RunningRedis, redisIsMissing, startRedis } from './start-redis.test-helper.ts'

async function listed(store: Store): Promise<string[]> {
  const keys: string[] = []
  for await (const key of store.list?.() ?? []) keys.push(key)
  return keys.sort()
}

const write = (store: Store, key: string) => store.compareAndSet(key, { epoch: 0, data: 'a' }, 0)

describe.skipIf(redisIsMissing)(`list of redisStore ${redisIsMissing || ''}`, () => {
  let redis: RunningRedis
  let admin: Redis

  beforeAll(async () => {
    redis = await startRedis()
    admin = new Redis(redis.url).on('error', () => undefined)
  })
  afterAll(async () => {
    admin?.disconnect()
    await redis?.stop()
  })
  beforeEach(() => admin.flushall())

  const libraries: Record<string, (keyPrefix: string) => Promise<RedisClient>> = {
    async 'node-redis'(keyPrefix) {
      const client = await createClient({ url: redis.url, keyPrefix }).connect()
      onTestFinished(() => client.destroy())
      return client
    },
    async ioredis(keyPrefix) {
      const client = new Redis(redis.url, { keyPrefix })
      onTestFinished(() => client.disconnect())
      return client
    },
  }

  describe.each(Object.entries(libraries))('over %s', (_name, connect) => {
    it.each(['', '字:', '*', '[a-z]?\\'])(
      'returns the keys with its prefix, with the key prefix %j',
      async (own) => {
        const client = await connect(own)
        const prefixes = [
          'p',
          'pp',
          'p:p',
          'P',
          '*',
          'p*',
          '?',
          '[p]',
          '[^p]',
          '\\',
          '\\p',
          '1',
          '"a',
          '%',
          'p p',
        ]
        const stores = prefixes.map((prefix) => redisStore({ client, prefix }))
        for (const [index, store] of stores.entries()) await write(store, `key ${index}`)
        for (const [index, store] of stores.entries()) expect(await listed(store)).toEqual([`key ${index}`])
      },
    )
  })

  it('omits keys without a record and keys of others', async () => {
    const store = redisStore({ client: admin })
    for (const key of ['one', 'other:%25']) await write(store, key)
    await store.lease('with a lease only', 'one', 60_000)
    await admin.set('pds:text', '1')
    await admin.hset('pds:hash', { field: '1' })
    await admin.hset('pds:with:colon', { rev: '1' })
    await admin.hset('pds:%zz', { rev: '1' })
    await admin.hset('pds:', { rev: '1' })
    expect(await listed(store)).toEqual(['one', 'other:%25'])
  })

  it('returns the keys of an encrypted store', async () => {
    const store = encryptedStore(redisStore({ client: admin }), new Uint8Array(32))
    await write(store, 'encrypted')
    expect(await listed(store)).toEqual(['encrypted'])
  })

  it('stops without reading all keys', async () => {
    const store = redisStore({ client: admin })
    await Promise.all(Array.from({ length: 5000 }, (_, number) => write(store, `${number}`)))
    await admin.config('RESETSTAT')
    for await (const key of store.list?.() ?? []) {
      expect(key).toMatch(/^\d+$/)
      break
    }
    expect(/cmdstat_scan:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1]).toBe('1')
  })

  it('reports a missing permission', async () => {
    await admin.acl('SETUSER', 'no-scan', 'on', 'nopass', '~*', '&*', '+@all', '-scan')
    const client = new Redis(redis.url.replace('//', '//no-scan:canary@'))
    onTestFinished(() => client.disconnect())
    const error = await listed(redisStore({ client })).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ message: expect.stringMatching(/^Redis: NOPERM .* \(scan of ioredis\)$/) })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary')
  })
})

it.each([
  ['user-1', 'pds:user-1'],
  ['user:字', 'pds:user%3a字'],
  ['%25%', 'pds:%2525%25'],
  ['%d800', 'pds:%25d800'],
  ['\uD83D:\uDD11\u{1F511}', 'pds:%d83d%3a%dd11\u{1F511}'],
])('the key %j has the Redis key %j and is read from it', (key, name) => {
  expect(redisKey('pds', key)).toBe(name)
  expect(keyOfRedisKey('pds', name)).toBe(key)
})

it.each(['pds:', 'pds:a:b', 'pds:%', 'pds:%3A', 'pds:%d83d%dd11', 'other:a', 'pds'])(
  'the Redis key %j is of no session',
  (name) => {
    expect(keyOfRedisKey('pds', name)).toBeUndefined()
  },
)
