import { storeTests } from '@pds/session/testing'
import { type RedisClient, redisStore } from '@pds/session-redis'
import { Redis } from 'ioredis'
import { createSentinel } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisIsMissing } from './start-redis.test-helper.ts'
import { type RunningSentinel, startRedisSentinel } from './start-redis-sentinel.test-helper.ts'

describe.skipIf(redisIsMissing)(`redisStore over sentinels ${redisIsMissing || ''}`, () => {
  let sentinel: RunningSentinel
  const cleanups: (() => unknown)[] = []

  beforeAll(async () => {
    sentinel = await startRedisSentinel()
  })
  afterAll(async () => {
    for (const cleanUp of cleanups) await cleanUp()
    await sentinel?.stop()
  })

  async function nodeRedis(options: Partial<Parameters<typeof createSentinel>[0]> = {}) {
    const sentinelRootNodes = [{ host: '127.0.0.1', port: sentinel.port }]
    const client = createSentinel({ name: sentinel.name, sentinelRootNodes, ...options })
    await client.on('error', () => undefined).connect()
    cleanups.push(() => client.destroy())
    return client
  }
  function ioredis(keyPrefix = '') {
    const sentinels = [{ host: '127.0.0.1', port: sentinel.port }]
    const client = new Redis({ sentinels, name: sentinel.name, keyPrefix }).on('error', () => undefined)
    cleanups.push(() => client.disconnect())
    return client
  }

  const kinds: Record<string, () => RedisClient | Promise<RedisClient>> = {
    'node-redis': () => nodeRedis(),
    'node-redis that reads from replicas': () => nodeRedis({ replicaPoolSize: 1 }),
    'node-redis with several reserved connections': () =>
      nodeRedis({ masterPoolSize: 2, reserveClient: true }),
    'node-redis with a key prefix': () => nodeRedis({ keyPrefix: 'node:' }),
    ioredis: () => ioredis(),
    'ioredis with a key prefix': () => ioredis('io:'),
  }
  describe.each(Object.entries(kinds))('with %s fulfils the Store contract', (_name, connect) => {
    const clients: RedisClient[] = []
    let opened = 0
    beforeAll(async () => {
      clients.push(await connect(), await connect())
    })
    const open = () => redisStore({ client: clients[opened++ % clients.length] as RedisClient })
    it.each(storeTests(open))('$name', ({ run }) => run())

    it('can list its keys', () => {
      expect(open()).toHaveProperty('list')
    })
  })

  // The last test, because it changes the primary.
  it('follows a session to the promoted replica', async () => {
    const stores = [redisStore({ client: await nodeRedis() }), redisStore({ client: ioredis() })]
    for (const [index, store] of stores.entries()) {
      await store.compareAndSet(`promoted ${index}`, { epoch: 1, data: 'a' }, 0)
    }
    const subscriber = ioredis()
    const watching = redisStore({ client: ioredis(), subscriber })
    let changes = 0
    watching.watch?.('promoted 0', () => changes++)
    await expect.poll(() => watching.isWatching?.('promoted 0')).toBe(true)
    await sentinel.promote()
    for (const [index, store] of stores.entries()) {
      // Until a client has noticed the failover, its calls may fail.
      const read = () => store.read(`promoted ${index}`).catch(() => undefined)
      await expect.poll(read).toEqual({ epoch: 1, data: 'a', rev: 1 })
      const write = () =>
        store.compareAndSet(`promoted ${index}`, { epoch: 1, data: 'b' }, 1).catch(() => false)
      await expect.poll(write).toBe(true)
    }
    await expect.poll(() => watching.isWatching?.('promoted 0')).toBe(true)
    changes = 0
    await stores[0]?.compareAndSet('promoted 0', { epoch: 1, data: 'c' }, 2)
    await expect.poll(() => changes).toBeGreaterThan(0)
  })
})
