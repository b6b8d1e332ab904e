import type { Store } from '@pds/session'
import { storeTests } from '@pds/session/testing'
import { redisStore } from '@pds/session-redis'
import { Cluster, Redis } from 'ioredis'
import { createCluster } from 'redis'
import { freePort } from 'shared/free-port'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { connectClient, type TestClient } from './clients.test-helper.ts'
import { type RunningRedis, redisIsMissing, startRedis } from './start-redis.test-helper.ts'
import { type RunningCluster, startRedisCluster } from './start-redis-cluster.test-helper.ts'

/** Polls until a condition is true. The time limit of the test ends it. */
const until = (condition: () => unknown) => vi.waitUntil(condition, { interval: 10, timeout: 2 ** 31 - 1 })
const record = (data: string) => ({ epoch: 1, data })

/** Waits until the first subscription of a store is confirmed, which calls all watchers. */
async function untilSubscribed(store: Store): Promise<void> {
  const stop = store.watch?.('first', () => undefined)
  await until(() => store.isWatching?.('first'))
  stop?.()
}

/** Watches a key, and waits until the store says so. */
async function watching(store: Store, key: string): Promise<{ calls(): number }> {
  let calls = 0
  const stop = store.watch?.(key, () => calls++)
  onTestFinished(() => stop?.())
  await until(() => store.isWatching?.(key))
  return { calls: () => calls }
}

describe.skipIf(redisIsMissing)(`redisStore with a subscriber ${redisIsMissing || ''}`, () => {
  describe.each(Object.entries(connectClient))('of %s', (_name, connect) => {
    let redis: RunningRedis
    let admin: Redis
    const clients: TestClient[] = []
    beforeAll(async () => {
      redis = await startRedis()
      admin = new Redis(redis.url, { retryStrategy: () => 0 }).on('error', () => undefined)
      for (let count = 0; count < 4; count++) clients.push(await connect(redis.url))
      // The subscribers have the listeners of the store only.
      for (const { client } of clients.slice(0, 2)) client.on('error', () => undefined)
      stores.push(openStore(0), openStore(1))
      for (const store of stores) await untilSubscribed(store)
    })
    afterAll(async () => {
      admin?.disconnect()
      for (const { close } of clients) close()
      await redis?.stop()
    })
    const stores: Store[] = []
    const openStore = (index: number) =>
      redisStore({
        client: (clients[index] as TestClient).client,
        subscriber: (clients[index + 2] as TestClient).client,
      })
    const [one, other] = [() => stores[0] as Store, () => stores[1] as Store]
    let opened = 0

    describe('fulfils the Store contract', () => {
      it.each(storeTests(() => stores[opened++ % 2] as Store))('$name', ({ run }) => run())
    })

    it('hears of the writes of another store, and of a store without a subscriber', async () => {
      const { calls } = await watching(one(), 'heard')
      let before = calls()
      await other().compareAndSet('heard', record('a'), 0)
      await until(() => calls() > before)
      before = calls()
      const client = (clients[1] as TestClient).client
      await redisStore({ client }).compareAndSet('heard', record('b'), 1)
      await until(() => calls() > before)
      expect(one().isWatching?.('heard')).toBe(true)
    })

    it('hears of no write that failed, and of no lease', async () => {
      const { calls } = await watching(one(), 'quiet')
      const before = calls()
      await other().compareAndSet('quiet', record('a'), 5)
      await other().lease('quiet', 'one', 60_000)
      await other().compareAndSet('quiet', record('a'), 0)
      // Messages arrive in their order.
      await until(() => calls() > before)
      expect(calls()).toBe(before + 1)
    })

    it('publishes keys, but no data', async () => {
      const monitor = new Redis(redis.url)
      onTestFinished(() => monitor.disconnect())
      const messages: string[] = []
      monitor.on('pmessage', (_pattern, channel, message) => messages.push(`${channel} ${message}`))
      await monitor.psubscribe('*')
      const data = JSON.stringify({ access: 'canary', refresh: 'canary' })
      const { fence = 0 } = (await one().lease('user:1', 'canary owner', 60_000)) ?? {}
      await one().compareAndSet('user:1', { epoch: 0, data }, 0, { owner: 'canary owner', fence })
      await until(() => messages.length > 0)
      await monitor.ping()
      expect(messages.filter((message) => !/changes::[\da-f-]{36} \d+ [\d.]+$/.test(message))).toEqual([
        'pds:changes: pds:user%3a1',
      ])
    })

    it('subscribes once for all of its keys', async () => {
      const stops = Array.from({ length: 100 }, (_, index) => one().watch?.(`many ${index}`, () => undefined))
      onTestFinished(() => {
        for (const stop of stops) stop?.()
      })
      for (let index = 0; index < 100; index++) {
        await until(() => one().isWatching?.(`many ${index}`))
      }
      expect(await admin.pubsub('NUMSUB', 'pds:changes:')).toEqual(['pds:changes:', 2])
      // The two channels of checks.
      expect(await admin.pubsub('CHANNELS', 'pds:changes:?*')).toHaveLength(2)
    })

    it('calls all watchers after its connection was killed', async () => {
      const watched = [await watching(one(), 'killed 1'), await watching(one(), 'killed 2')]
      const before = watched.map(({ calls }) => calls())
      let isLost = false
      clients[2]?.client.on('error', () => (isLost = true))
      clients[2]?.client.on('close', () => (isLost = true))
      await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
      await until(() => isLost)
      for (const [index, { calls }] of watched.entries()) {
        await until(() => calls() > (before[index] ?? 0))
      }
      await until(() => one().isWatching?.('killed 1'))
      const { calls } = watched[1] as { calls(): number }
      const again = calls()
      await other().compareAndSet('killed 2', record('a'), 0)
      await until(() => calls() > again)
    })

    it('calls all watchers after the server was restarted empty', async () => {
      await one().compareAndSet('restarted', record('a'), 0)
      const { calls } = await watching(one(), 'restarted')
      const before = calls()
      await redis.restart()
      await until(() => calls() > before)
      await until(() => one().isWatching?.('restarted'))
      expect(await one().read('restarted')).toBeUndefined()
      const again = calls()
      expect(await other().compareAndSet('restarted', record('b'), 0)).toBe(true)
      await until(() => calls() > again)
    })

    it('does not say that it watches if the subscriber has another server than the client', async () => {
      const another = await startRedis()
      onTestFinished(() => another.stop())
      const { client: subscriber, close } = await connect(another.url)
      onTestFinished(close)
      const store = redisStore({ client: (clients[0] as TestClient).client, subscriber })
      store.watch?.('elsewhere', () => undefined)
      const observer = new Redis(another.url)
      onTestFinished(() => observer.disconnect())
      await until(async () => (await observer.pubsub('NUMSUB', 'pds:changes:'))[1] === 1)
      expect(store.isWatching?.('elsewhere')).toBe(false)
    })

    it('works if the subscriber is closed, and does not say that it watches', async () => {
      const { client: subscriber, close } = await connect(redis.url)
      const store = redisStore({ client: (clients[0] as TestClient).client, subscriber })
      await watching(store, 'closed')
      close()
      await until(() => store.isWatching?.('closed') === false)
      expect(await store.compareAndSet('closed', record('a'), 0)).toBe(true)
      expect(await store.read('closed')).toMatchObject({ rev: 1 })
    })
  })

  it('has no unhandled error if a subscriber never connects', async () => {
    const port = await freePort()
    const client = { status: 'ready', evalsha: async () => null, eval: async () => null }
    const subscriber = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: null })
    const store = redisStore({ client, subscriber })
    store.watch?.('key', () => undefined)
    // Not `once` of node:events, which adds an `error` listener.
    const ended = new Promise<void>((resolve) => subscriber.on('end', resolve))
    await subscriber.connect().catch(() => undefined)
    await ended
    expect(store.isWatching?.('key')).toBe(false)
  })
})

describe.skipIf(redisIsMissing)(`redisStore with a subscriber in a cluster ${redisIsMissing || ''}`, () => {
  let cluster: RunningCluster
  const cleanups: (() => unknown)[] = []
  beforeAll(async () => {
    cluster = await startRedisCluster()
  })
  afterAll(async () => {
    for (const cleanUp of cleanups) cleanUp()
    await cluster?.stop()
  })

  const openCluster = {
    async 'node-redis'() {
      const client = createCluster({ rootNodes: cluster.nodes.map(({ url }) => ({ url })) })
      await client.connect()
      cleanups.push(() => client.destroy())
      return client
    },
    async ioredis() {
      const client = new Cluster(
        cluster.nodes.map(({ url }) => url),
        { keyPrefix: '{}io:' },
      )
      cleanups.push(() => client.disconnect())
      return client
    },
  }

  describe.each(['node-redis', 'ioredis'] as const)('of %s', (library) => {
    const stores: Store[] = []
    beforeAll(async () => {
      for (const { url } of cluster.nodes.slice(0, 2)) {
        const { client: subscriber, close } = await connectClient[library](url)
        cleanups.push(close)
        const store = redisStore({ client: await openCluster[library](), subscriber })
        stores.push(store)
        await untilSubscribed(store)
      }
    })
    let opened = 0

    describe('fulfils the Store contract', () => {
      it.each(storeTests(() => stores[opened++ % 2] as Store))('$name', ({ run }) => run())
    })

    it('hears of writes on every node', async () => {
      const [one, other] = stores as [Store, Store]
      for (let index = 0; index < 30; index++) {
        const { calls } = await watching(one, `key ${index}`)
        const before = calls()
        await other.compareAndSet(`key ${index}`, record('a'), 0)
        await until(() => calls() > before)
      }
    })
  })
})
