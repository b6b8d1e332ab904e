import { storeTests } from '@pds/session/testing'
import { type RedisClient, redisStore } from '@pds/session-redis'
import { Redis, type RedisOptions } from 'ioredis'
import { createClient, createClientPool, RESP_TYPES } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fenceOf } from './fence-of.test-helper.ts'
import { type RunningRedis, redisIsMissing, startRedis } from './start-redis.test-helper.ts'

describe.skipIf(redisIsMissing)(`redisStore ${redisIsMissing || ''}`, () => {
  let redis: RunningRedis
  const cleanups: (() => unknown)[] = []

  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(async () => {
    for (const cleanUp of cleanups) cleanUp()
    await redis?.stop()
  })

  async function nodeRedis(options: Parameters<typeof createClient>[0] = {}) {
    const client = createClient({ url: redis.url, ...options })
    await client.connect()
    cleanups.push(() => client.destroy())
    return client
  }
  async function nodeRedisPool() {
    const pool = createClientPool({ url: redis.url }, { minimum: 1, maximum: 3 })
    await pool.connect()
    cleanups.push(() => pool.destroy())
    return pool
  }
  function ioredis(options: RedisOptions & { replyMapping?: 'legacy' | 'resp3' } = {}) {
    const client = new Redis(redis.url, options)
    cleanups.push(() => client.disconnect())
    return client
  }

  const kinds: Record<string, () => RedisClient | Promise<RedisClient>> = {
    'node-redis with RESP2': () => nodeRedis({ RESP: 2 }),
    'node-redis with RESP3': () => nodeRedis({ RESP: 3 }),
    'node-redis that returns bytes': () =>
      nodeRedis({ commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } } }),
    'node-redis with a key prefix': () => nodeRedis({ keyPrefix: '{}node:' }),
    'a pool of node-redis': nodeRedisPool,
    'ioredis with RESP3': () => ioredis(),
    'ioredis with RESP2': () => ioredis({ protocol: 2, stringNumbers: true }),
    'ioredis that maps replies': () => ioredis({ replyMapping: 'resp3', stringNumbers: true }),
    'ioredis with pipelines and a key prefix': () =>
      ioredis({ enableAutoPipelining: true, keyPrefix: '{}io:' }),
  }
  describe.each(Object.entries(kinds))('over %s fulfils the Store contract', (_name, connect) => {
    const clients: RedisClient[] = []
    let opened = 0
    beforeAll(async () => {
      clients.push(await connect(), await connect(), await connect())
    })
    const open = () => redisStore({ client: clients[opened++ % clients.length] as RedisClient })
    it.each(storeTests(open))('$name', ({ run }) => run())

    it('can list its keys', () => {
      expect(open()).toHaveProperty('list')
    })
  })

  it('has the scope cluster', () => {
    expect(redisStore({ client: ioredis() })).toMatchObject({ scope: 'cluster' })
  })

  it('shares records and leases between the two libraries', async () => {
    const one = redisStore({ client: await nodeRedis() })
    const other = redisStore({ client: ioredis() })
    expect(await one.compareAndSet('shared', { epoch: 3, data: '字' }, 0)).toBe(true)
    expect(await other.read('shared')).toEqual({ epoch: 3, data: '字', rev: 1 })
    expect(await other.compareAndSet('shared', { epoch: 3, data: 'b' }, 1)).toBe(true)
    expect(await one.compareAndSet('shared', { epoch: 3, data: 'c' }, 1)).toBe(false)

    const fence = await fenceOf(one.lease('shared', 'one', 60_000))
    expect(await other.lease('shared', 'other', 60_000)).toBeUndefined()
    await other.release('shared', 'one', fence)
    expect(await fenceOf(other.lease('shared', 'other', 60_000))).toBeGreaterThan(fence)
  })

  it('keeps revisions, epochs and fencing tokens up to 2 ** 53 - 1', async () => {
    const client = await nodeRedis()
    const store = redisStore({ client })
    const rev = Number.MAX_SAFE_INTEGER - 2
    await client.hSet('pds:large', { rev: `${rev}`, epoch: '0', data: '', fence: `${rev}` })
    expect(await store.compareAndSet('large', { epoch: Number.MAX_SAFE_INTEGER, data: 'a' }, rev)).toBe(true)
    const written = { epoch: Number.MAX_SAFE_INTEGER, data: 'a', rev: rev + 1 }
    expect(await store.read('large')).toEqual(written)
    expect(await fenceOf(store.lease('large', 'one', 60_000))).toBe(rev + 1)
    await store.release('large', 'one', rev + 1)
    expect(await fenceOf(store.lease('large', 'other', 60_000))).toBe(rev + 2)
  })

  describe('a key with expireAfter', () => {
    const month = 30 * 24 * 60 * 60 * 1000

    it('gets an expiry at a write and at a lease', async () => {
      const client = await nodeRedis()
      const store = redisStore({ client, expireAfter: month })
      await store.compareAndSet('expiring', { epoch: 0, data: 'a' }, 0)
      await store.lease('expiring lease', 'one', 60_000)
      for (const key of ['expiring', 'expiring lease']) {
        const left = await client.pTTL(`pds:${key}`)
        expect(left).toBeGreaterThan(month - 60_000)
        expect(left).toBeLessThanOrEqual(month)
      }
    })

    it('restarts its expiry at a write but not at a read', async () => {
      const client = await nodeRedis()
      const store = redisStore({ client, expireAfter: month })
      await store.compareAndSet('renewed', { epoch: 0, data: 'a' }, 0)
      await client.pExpire('pds:renewed', 60_000)
      await store.read('renewed')
      expect(await client.pTTL('pds:renewed')).toBeLessThanOrEqual(60_000)
      await store.compareAndSet('renewed', { epoch: 0, data: 'b' }, 1)
      expect(await client.pTTL('pds:renewed')).toBeGreaterThan(60_000)
    })

    it('does not expire before its lease', async () => {
      const client = await nodeRedis()
      const store = redisStore({ client, expireAfter: month })
      await store.lease('long lease', 'one', 2 * month)
      await store.compareAndSet('long lease', { epoch: 0, data: 'a' }, 0)
      expect(await client.pTTL('pds:long lease')).toBeGreaterThan(month)
      expect(await redisStore({ client: ioredis() }).lease('long lease', 'other', 1)).toBeUndefined()
    })

    it('loses its expiry at a write of a store without expireAfter', async () => {
      const client = await nodeRedis()
      await redisStore({ client, expireAfter: month }).compareAndSet('kept', { epoch: 0, data: 'a' }, 0)
      const store = redisStore({ client })
      await store.compareAndSet('kept', { epoch: 0, data: 'a' }, 1)
      expect(await client.pTTL('pds:kept')).toBe(-1)
      await store.lease('kept lease', 'one', 60_000)
      expect(await client.pTTL('pds:kept lease')).toBe(-1)
    })
  })

  it('writes one key per session, under the prefix', async () => {
    const client = await nodeRedis({ database: 3 })
    const keys = [
      '{}',
      '}{',
      '{a}b',
      '{',
      ' ',
      ':',
      '%3a',
      '*',
      '字',
      '\u{1F511}',
      '\n',
      '\0',
      '\uD800',
      '\uD801',
      '\uFFFD',
      'x'.repeat(10_000),
    ]
    const pairs = keys.map((key) => ({ key, store: redisStore({ client, prefix: 'app:pds' }) }))
    // Without escaping of colons, these would have the same Redis keys as sessions above.
    pairs.push({ key: 'pds::', store: redisStore({ client, prefix: 'app' }) })
    pairs.push({ key: '', store: redisStore({ client, prefix: 'app:pds:' }) })
    for (const [index, { key, store }] of pairs.entries()) {
      expect(await store.compareAndSet(key, { epoch: index, data: '' }, 0)).toBe(true)
      const fence = await fenceOf(store.lease(key, 'one', 60_000))
      await store.release(key, 'one', fence)
    }
    for (const [index, { key, store }] of pairs.entries()) {
      expect(await store.read(key)).toMatchObject({ epoch: index, rev: 1 })
    }
    const written = await client.keys('*')
    expect(written).toHaveLength(pairs.length)
    expect(written.filter((key) => !key.startsWith('app:'))).toEqual([])
  })
})
