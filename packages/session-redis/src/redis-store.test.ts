import { storeTests } from '@pds/session/testing'
import { type RedisClient, redisStore } from '@pds/session-redis'
import { Redis, type RedisOptions } from 'ioredis'
import { createClient, createClientPool, RESP_TYPES } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningRedis, redisIsMissing, startRedis } from './start-redis.test-helper.ts'

describe.skipIf(redisIsMissing)(`redisStore ${redisIsMissing || ''}`, () => {
  let redis: RunningRedis
  const ends: (() => unknown)[] = []

  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(async () => {
    for (const end of ends) end()
    await redis?.stop()
  })

  async function nodeRedis(options: Parameters<typeof createClient>[0] = {}) {
    const client = createClient({ url: redis.url, ...options })
    await client.connect()
    ends.push(() => client.destroy())
    return client
  }
  async function nodeRedisPool() {
    const pool = createClientPool({ url: redis.url }, { minimum: 1, maximum: 3 })
    await pool.connect()
    ends.push(() => pool.destroy())
    return pool
  }
  function ioredis(options: RedisOptions & { replyMapping?: 'legacy' | 'resp3' } = {}) {
    const client = new Redis(redis.url, options)
    ends.push(() => client.disconnect())
    return client
  }

  const kinds: Record<string, () => RedisClient | Promise<RedisClient>> = {
    'node-redis with RESP2': () => nodeRedis({ RESP: 2 }),
    'node-redis with RESP3': () => nodeRedis({ RESP: 3 }),
    'node-redis that gives bytes': () =>
      nodeRedis({ commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } } }),
    'node-redis with a prefix of its own': () => nodeRedis({ keyPrefix: '{}node:' }),
    'a pool of node-redis': nodeRedisPool,
    'ioredis with RESP3': () => ioredis(),
    'ioredis with RESP2': () => ioredis({ protocol: 2, stringNumbers: true }),
    'ioredis that maps replies': () => ioredis({ replyMapping: 'resp3', stringNumbers: true }),
    'ioredis with pipelines and a prefix of its own': () =>
      ioredis({ enableAutoPipelining: true, keyPrefix: '{}io:' }),
  }
  describe.each(Object.entries(kinds))('over %s keeps the contract of a store', (_name, connect) => {
    const clients: RedisClient[] = []
    let opened = 0
    beforeAll(async () => {
      clients.push(await connect(), await connect(), await connect())
    })
    const open = () => redisStore({ client: clients[opened++ % clients.length] as RedisClient })
    it.each(storeTests(open))('$name', ({ run }) => run())
  })

  it('is of all machines', () => {
    expect(redisStore({ client: ioredis() })).toMatchObject({ scope: 'cluster' })
  })

  it('shares records and leases between the two libraries', async () => {
    const one = redisStore({ client: await nodeRedis() })
    const other = redisStore({ client: ioredis() })
    expect(await one.compareAndSet('shared', { epoch: 3, data: '字' }, 0)).toBe(true)
    expect(await other.read('shared')).toEqual({ epoch: 3, data: '字', rev: 1 })
    expect(await other.compareAndSet('shared', { epoch: 3, data: 'b' }, 1)).toBe(true)
    expect(await one.compareAndSet('shared', { epoch: 3, data: 'c' }, 1)).toBe(false)

    const fence = (await one.lease('shared', 'one', 60_000)) as number
    expect(await other.lease('shared', 'other', 60_000)).toBeUndefined()
    await other.release('shared', 'one', fence)
    expect(await other.lease('shared', 'other', 60_000)).toBeGreaterThan(fence)
  })

  it('keeps numbers up to 2 to the power of 53', async () => {
    const client = await nodeRedis()
    const store = redisStore({ client })
    const rev = Number.MAX_SAFE_INTEGER - 2
    await client.hSet('pds:large', { rev: `${rev}`, epoch: '0', data: '', fence: `${rev}` })
    expect(await store.compareAndSet('large', { epoch: Number.MAX_SAFE_INTEGER, data: 'a' }, rev)).toBe(true)
    const written = { epoch: Number.MAX_SAFE_INTEGER, data: 'a', rev: rev + 1 }
    expect(await store.read('large')).toEqual(written)
    expect(await store.lease('large', 'one', 60_000)).toBe(rev + 1)
    await store.release('large', 'one', rev + 1)
    expect(await store.lease('large', 'other', 60_000)).toBe(rev + 2)
  })

  it('gives a higher fence also where the last one is lost', async () => {
    const client = await nodeRedis()
    const store = redisStore({ client })
    const first = (await store.lease('fence', 'one', 60_000)) as number
    await store.release('fence', 'one', first)
    await client.del('pds:fence')
    // A fence is the time: no two servers that follow on each other are within one millisecond.
    let now = Date.now()
    while (now <= first) now = Date.now()
    expect(await store.lease('fence', 'one', 60_000)).toBeGreaterThan(first)
  })

  it('holds a lease for its time, by the clock of the server', async () => {
    const client = await nodeRedis()
    const store = redisStore({ client })
    await store.lease('time', 'one', 60_000)
    const until = Number(await client.hGet('pds:time', 'until'))
    const [seconds] = (await client.sendCommand(['TIME'])) as [string]
    expect(until - 60_000).toBeLessThanOrEqual((Number(seconds) + 1) * 1000)
    expect(until - 60_000).toBeGreaterThan((Number(seconds) - 60) * 1000)
  })

  describe('with expireAfter', () => {
    const week = 7 * 24 * 60 * 60 * 1000

    it('lets what is written expire, and what is leased', async () => {
      const client = await nodeRedis()
      const store = redisStore({ client, expireAfter: week })
      await store.compareAndSet('expiring', { epoch: 0, data: 'a' }, 0)
      await store.lease('expiring lease', 'one', 60_000)
      for (const key of ['expiring', 'expiring lease']) {
        const left = await client.pTTL(`pds:${key}`)
        expect(left).toBeGreaterThan(week - 60_000)
        expect(left).toBeLessThanOrEqual(week)
      }
    })

    it('starts anew with each write, and not with a read', async () => {
      const client = await nodeRedis()
      const store = redisStore({ client, expireAfter: week })
      await store.compareAndSet('renewed', { epoch: 0, data: 'a' }, 0)
      await client.pExpire('pds:renewed', 60_000)
      await store.read('renewed')
      expect(await client.pTTL('pds:renewed')).toBeLessThanOrEqual(60_000)
      await store.compareAndSet('renewed', { epoch: 0, data: 'b' }, 1)
      expect(await client.pTTL('pds:renewed')).toBeGreaterThan(60_000)
    })

    it('never ends a lease early', async () => {
      const client = await nodeRedis()
      const store = redisStore({ client, expireAfter: 1 })
      await store.lease('long lease', 'one', 60_000)
      await store.compareAndSet('long lease', { epoch: 0, data: 'a' }, 0)
      expect(await client.pTTL('pds:long lease')).toBeGreaterThan(1)
      expect(await redisStore({ client: ioredis() }).lease('long lease', 'other', 1)).toBeUndefined()
    })

    it('and once more without it, what is written stays', async () => {
      const client = await nodeRedis()
      await redisStore({ client, expireAfter: week }).compareAndSet('kept', { epoch: 0, data: 'a' }, 0)
      const store = redisStore({ client })
      await store.compareAndSet('kept', { epoch: 0, data: 'a' }, 1)
      expect(await client.pTTL('pds:kept')).toBe(-1)
      await store.lease('kept lease', 'one', 60_000)
      expect(await client.pTTL('pds:kept lease')).toBe(-1)
    })
  })

  it('writes one key for each session, under its prefix', async () => {
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
    // Neighbours that would share a key with these if a colon were not escaped.
    pairs.push({ key: 'pds::', store: redisStore({ client, prefix: 'app' }) })
    pairs.push({ key: '', store: redisStore({ client, prefix: 'app:pds:' }) })
    for (const [index, { key, store }] of pairs.entries()) {
      expect(await store.compareAndSet(key, { epoch: index, data: '' }, 0)).toBe(true)
      const fence = (await store.lease(key, 'one', 60_000)) as number
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
