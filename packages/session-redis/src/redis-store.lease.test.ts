import type { Store } from '@pds/session'
import { redisStore } from '@pds/session-redis'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connectClient, type TestClient } from './clients.test-helper.ts'
import { fenceOf } from './fence-of.test-helper.ts'
import { type RunningRedis, redisIsMissing, startRedis } from './start-redis.test-helper.ts'

const key = 'leased'
const stored = `pds:${key}`
const hour = 3_600_000

describe.skipIf(redisIsMissing)(`leases of redisStore ${redisIsMissing || ''}`, () => {
  let redis: RunningRedis
  let admin: Redis
  beforeAll(async () => {
    redis = await startRedis()
    admin = new Redis(redis.url)
  })
  afterAll(async () => {
    admin?.disconnect()
    await redis?.stop()
  })
  beforeEach(() => admin.flushall())

  /** Returns the time of the server, in milliseconds since the Unix epoch. */
  async function serverTime(): Promise<number> {
    const [seconds, microseconds] = await admin.time()
    return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)
  }

  describe.each(Object.entries(connectClient))('over %s', (_name, connect) => {
    let connection: TestClient
    let store: Store
    beforeAll(async () => {
      connection = await connect(redis.url)
      store = redisStore({ client: connection.client })
    })
    afterAll(() => connection?.close())

    it('take, spend and commit in 3 round trips', async () => {
      // Cache the scripts.
      const first = { owner: 'one', fence: await fenceOf(store.lease('first', 'one', 60_000)) }
      await store.compareAndSet('first', { epoch: 0, data: 'intent' }, 0, first)
      await admin.config('RESETSTAT')

      const lease = await store.lease(key, 'one', 60_000)
      expect(lease?.record).toBeUndefined()
      const holder = { owner: 'one', fence: lease?.fence as number }
      expect(await store.compareAndSet(key, { epoch: 0, data: 'intent' }, 0)).toBe(true)
      expect(await store.compareAndSet(key, { epoch: 0, data: 'token' }, 1, holder)).toBe(true)
      const stats = await admin.info('commandstats')
      const sent = [...stats.matchAll(/cmdstat_(\w+):calls=(\d+)/g)]
        .map(([, name, calls]) => `${name} ${calls}`)
        .filter((each) => /^(eval|script|read|get|ping)/.test(each))
      expect(sent).toEqual(['evalsha 3'])

      const next = await store.lease(key, 'other', 60_000)
      expect(next?.record).toEqual({ epoch: 0, data: 'token', rev: 2 })
      expect(next?.fence).toBeGreaterThan(holder.fence)
    })

    it('are timed by the clock of the server', async () => {
      const before = await serverTime()
      await store.lease(key, 'one', 60_000)
      const after = await serverTime()
      const [until, ttl] = await admin.hmget(stored, 'until', 'ttl')
      expect(ttl).toBe('60000')
      expect(Number(until) - 60_000).toBeGreaterThanOrEqual(before)
      expect(Number(until) - 60_000).toBeLessThanOrEqual(after + 1)
    })

    it('expire if a clock that was an hour ahead timed them', async () => {
      // As after a failover from a machine whose clock is an hour ahead.
      await store.lease(key, 'one', 30_000)
      const [fence, until] = await admin.hmget(stored, 'fence', 'until')
      const ahead = { fence: `${Number(fence) + hour}`, until: `${Number(until) + hour}` }
      await admin.hset(stored, ahead)
      expect(await fenceOf(store.lease(key, 'other', 30_000))).toBeGreaterThan(Number(ahead.fence))
      // The new lease is timed by the clock of this server.
      expect(await store.lease(key, 'one', 30_000)).toBeUndefined()
      expect(Number(await admin.hget(stored, 'until'))).toBeLessThan(Number(until) + hour)
    })

    it('do not expire while they may be valid by the clock of the server', async () => {
      const held = { owner: 'one', fence: '5', ttl: `${hour}` }
      // A clock that is set back by less than a second causes no new lease.
      await admin.hset(stored, { ...held, until: `${(await serverTime()) + hour + 900}` })
      expect(await store.lease(key, 'other', 30_000)).toBeUndefined()
      await admin.hset(stored, { ...held, until: `${(await serverTime()) + hour + 60_000}` })
      expect(await store.lease(key, 'other', 30_000)).toBeDefined()
    })

    it('of an earlier version, without a duration, have the duration of the next lease or 30 s', async () => {
      const held = { owner: 'one', fence: '5' }
      await admin.hset(stored, { ...held, until: `${(await serverTime()) + 29_000}` })
      expect(await store.lease(key, 'other', 10_000)).toBeUndefined()
      await admin.hset(stored, { ...held, until: `${(await serverTime()) + 59_000}` })
      expect(await store.lease(key, 'other', 60_000)).toBeUndefined()
      expect(await fenceOf(store.lease(key, 'other', 30_000))).toBeGreaterThan(5)
      await store.release(key, 'other', Number(await admin.hget(stored, 'fence')))
      await admin.hset(stored, { ...held, until: `${(await serverTime()) + hour}` })
      expect(await store.lease(key, 'other', 60_000)).toBeDefined()
    })

    it('leave no trace of their duration after a release', async () => {
      const fence = await fenceOf(store.lease(key, 'one', 1000))
      await store.release(key, 'one', fence)
      expect(await admin.hkeys(stored)).toEqual(['fence'])
      const holder = { owner: 'one', fence: await fenceOf(store.lease(key, 'one', 1000)) }
      await store.compareAndSet(key, { epoch: 0, data: 'a' }, 0, holder)
      expect((await admin.hkeys(stored)).sort()).toEqual(['data', 'epoch', 'fence', 'rev', 'write'])
    })

    it('round a fractional duration up', async () => {
      await store.lease(key, 'one', 30_000.2)
      expect(await admin.hget(stored, 'ttl')).toBe('30001')
      expect(await store.lease(key, 'other', 1)).toBeUndefined()
    })

    it('have a higher fencing token even if the last one was lost', async () => {
      const first = await fenceOf(store.lease(key, 'one', 60_000))
      await store.release(key, 'one', first)
      await admin.del(stored)
      // A fencing token is at least the time in milliseconds. A failover takes longer than a millisecond.
      while ((await serverTime()) <= first) {}
      expect(await fenceOf(store.lease(key, 'one', 60_000))).toBeGreaterThan(first)
    })
  })
})

describe.skipIf(redisIsMissing)('redisStore over a server that is restarted empty', () => {
  it.each(Object.entries(connectClient))(
    'goes on with %s, with higher fencing tokens',
    async (_name, connect) => {
      const redis = await startRedis()
      const { client, close } = await connect(redis.url)
      try {
        const store = redisStore({ client })
        const fence = await fenceOf(store.lease(key, 'one', 60_000))
        await store.compareAndSet(key, { epoch: 3, data: 'a' }, 0)
        // The client reconnects to the next server, which has neither the records nor the scripts.
        const events = client as { once?(event: string, listener: () => void): unknown }
        const ready = new Promise<void>((resolve) => events.once?.('ready', resolve))
        client.on('error', () => undefined)
        await redis.restart()
        await ready
        expect(await store.compareAndSet(key, { epoch: 3, data: 'b' }, 1)).toBe(false)
        const lease = await store.lease(key, 'other', 60_000)
        expect(lease?.record).toBeUndefined()
        expect(lease?.fence).toBeGreaterThan(fence)
        const holder = { owner: 'other', fence: lease?.fence as number }
        expect(await store.compareAndSet(key, { epoch: 3, data: 'a' }, 0, holder)).toBe(true)
        expect(await store.read(key)).toEqual({ epoch: 3, data: 'a', rev: 1 })
      } finally {
        close()
        await redis.stop()
      }
    },
  )
})
