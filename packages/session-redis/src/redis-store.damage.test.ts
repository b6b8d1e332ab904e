import type { StoredRecord } from '@pds/session'
import { redisStore } from '@pds/session-redis'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connectClient, type TestClient } from './clients.test-helper.ts'
import { fenceOf } from './fence-of.test-helper.ts'
import { type RunningRedis, redisIsMissing, startRedis } from './start-redis.test-helper.ts'

const key = 'damaged'
const stored = `pds:${key}`
const canary = 'canary'
const record = { epoch: 8, data: 'new' }

describe.skipIf(redisIsMissing)(`redisStore with damaged data ${redisIsMissing || ''}`, () => {
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

  describe.each(Object.entries(connectClient))('over %s', (_name, connect) => {
    let connection: TestClient
    const open = () => redisStore({ client: connection.client })
    beforeAll(async () => {
      connection = await connect(redis.url)
    })
    afterAll(() => connection?.close())

    /** Checks that the record is returned as damaged, by a lease too, and that a write replaces it. */
    async function expectDamage(rev: number, epoch: number, flaw: string): Promise<void> {
      const store = open()
      const { error, ...rest } = (await store.read(key)) as StoredRecord
      expect(rest).toEqual({ rev, epoch, data: '' })
      expect(error).toBeInstanceOf(Error)
      expect(error?.message).toBe(
        `Redis: the stored session is damaged (${flaw}): setToken and signOut replace it. Use a prefix whose keys only @pds/session-redis writes`,
      )

      const lease = await store.lease(key, 'one', 60_000)
      expect(lease?.record).toMatchObject({ rev, epoch, data: '', error: { message: error?.message } })
      const fence = lease?.fence as number
      expect(await store.lease(key, 'other', 60_000)).toBeUndefined()
      // The lease leaves the record damaged.
      expect(await store.read(key)).toMatchObject({ rev, epoch, data: '', error: expect.any(Error) })

      for (const wrong of [0, rev + 1, rev + 2]) {
        expect(await store.compareAndSet(key, record, wrong)).toBe(false)
      }
      expect(await store.compareAndSet(key, record, rev, { owner: 'one', fence })).toBe(true)
      expect(await store.compareAndSet(key, record, rev)).toBe(false)
      const next = await store.lease(key, 'other', 60_000)
      expect(next?.record).toEqual({ ...record, rev: Math.max(rev, 0) + 1 })
      expect(next?.fence).toBeGreaterThan(fence)
      expect(await admin.hexists(stored, 'replaced')).toBe(0)
    }

    it.each<[string, Record<string, string>, number, number, string]>([
      ['no data', { rev: '3', epoch: '7' }, 3, 7, 'data'],
      ['no epoch', { rev: '3', data: canary }, 3, 0, 'epoch'],
      ['no revision', { epoch: '7', data: canary }, -1, 7, 'rev'],
      ['only data', { data: canary }, -1, 0, 'rev, epoch'],
      ['only an epoch', { epoch: '7' }, -1, 7, 'rev, data'],
      ['text as the revision', { rev: canary, epoch: '7', data: canary }, -1, 7, 'rev'],
      ['an empty revision', { rev: '', epoch: '7', data: canary }, -1, 7, 'rev'],
      ['the revision 0', { rev: '0', epoch: '7', data: canary }, -1, 7, 'rev'],
      ['a negative revision', { rev: '-1', epoch: '7', data: canary }, -1, 7, 'rev'],
      ['a revision with a leading zero', { rev: '03', epoch: '7', data: canary }, -1, 7, 'rev'],
      ['a revision with a space', { rev: ' 3', epoch: '7', data: canary }, -1, 7, 'rev'],
      ['a revision with a line break', { rev: '3\n', epoch: '7', data: canary }, -1, 7, 'rev'],
      ['a hexadecimal revision', { rev: '0x3', epoch: '7', data: canary }, -1, 7, 'rev'],
      ['an infinite revision', { rev: 'inf', epoch: '7', data: canary }, -1, 7, 'rev'],
      ['a revision of 2 ** 53', { rev: '9007199254740992', epoch: '7', data: canary }, -1, 7, 'rev'],
      ['a revision of 400 digits', { rev: '9'.repeat(400), epoch: '7', data: canary }, -1, 7, 'rev'],
      ['a fractional epoch', { rev: '3', epoch: '0.5', data: canary }, 3, 0, 'epoch'],
      ['a negative epoch', { rev: '3', epoch: '-1', data: canary }, 3, 0, 'epoch'],
      ['an empty epoch', { rev: '3', epoch: '', data: canary }, 3, 0, 'epoch'],
      ['an epoch with an exponent', { rev: '3', epoch: '1e3', data: canary }, 3, 0, 'epoch'],
      ['an epoch above 2 ** 53', { rev: '3', epoch: '9007199254740993', data: canary }, 3, 0, 'epoch'],
    ])('returns and replaces a record with %s', async (_case, fields, rev, epoch, flaw) => {
      await admin.hset(stored, fields)
      await expectDamage(rev, epoch, `missing or invalid: ${flaw}`)
    })

    const otherTypes: Record<string, () => Promise<unknown>> = {
      string: () => admin.set(stored, canary),
      list: () => admin.rpush(stored, canary, canary),
      set: () => admin.sadd(stored, canary),
      zset: () => admin.zadd(stored, 1, canary),
      stream: () => admin.xadd(stored, '*', 'field', canary),
    }
    it.each(Object.entries(otherTypes))('returns and replaces a key of the type %s', async (type, write) => {
      const flaw = `its key has the type ${type} instead of hash`
      await write()
      expect(await open().read(key)).toMatchObject({ rev: -1, epoch: 0, data: '' })
      expect((await open().read(key))?.error?.message).toContain(flaw)
      // A release and a write with another revision change nothing.
      await open().release(key, 'one', 1)
      for (const rev of [0, 1]) expect(await open().compareAndSet(key, record, rev)).toBe(false)
      expect(await admin.type(stored)).toBe(type)

      expect(await open().compareAndSet(key, record, -1)).toBe(true)
      expect(await open().read(key)).toEqual({ ...record, rev: 1 })

      await admin.del(stored)
      await write()
      const lease = await open().lease(key, 'one', 60_000)
      expect(lease?.record).toMatchObject({ rev: -1, epoch: 0, data: '' })
      expect(lease?.record?.error?.message).toContain(flaw)
      await open().release(key, 'one', lease?.fence as number)
      await expectDamage(-1, 0, 'missing or invalid: rev, epoch, data')
    })

    it('keeps the value of another type until a write replaces it', async () => {
      await admin.set(stored, 'a text')
      await open().lease(key, 'one', 60_000)
      const [replaced] = await admin.hmgetBuffer(stored, 'replaced')
      await admin.restore('restored', 0, replaced as Buffer)
      expect(await admin.get('restored')).toBe('a text')
    })

    it('counts revisions from 1 again after the highest one', async () => {
      const rev = Number.MAX_SAFE_INTEGER
      await admin.hset(stored, { rev: `${rev}`, epoch: '0', data: 'a' })
      expect(await open().compareAndSet(key, record, rev)).toBe(true)
      expect(await open().read(key)).toEqual({ ...record, rev: 1 })
    })

    it('treats a hash that has only a lease as no record', async () => {
      const fence = await fenceOf(open().lease(key, 'one', 60_000))
      await open().release(key, 'one', fence)
      expect(await open().read(key)).toBeUndefined()
      expect(await open().compareAndSet(key, record, -1)).toBe(false)
      expect(await open().compareAndSet(key, record, 0)).toBe(true)
    })

    const damagedLeases: Record<string, Record<string, string>> = {
      'no end': { owner: 'one', fence: '5' },
      'text as its end': { owner: 'one', fence: '5', until: 'never', ttl: '60000' },
      'an empty end': { owner: 'one', fence: '5', until: '', ttl: '60000' },
      'an infinite end': { owner: 'one', fence: '5', until: 'inf', ttl: '60000' },
      'NaN as its end': { owner: 'one', fence: '5', until: 'nan', ttl: '60000' },
      'an end beyond 2 ** 53': { owner: 'one', fence: '5', until: '9'.repeat(17), ttl: '9'.repeat(17) },
      'a negative end': { owner: 'one', fence: '5', until: '-1', ttl: '60000' },
      'no owner': { fence: '5', until: `${Date.now() + 30_000}`, ttl: '60000' },
    }
    it.each(Object.entries(damagedLeases))('grants a lease over a lease with %s', async (_case, fields) => {
      await admin.hset(stored, fields)
      expect(await fenceOf(open().lease(key, 'other', 60_000))).toBeGreaterThan(5)
      expect(await open().lease(key, 'one', 60_000)).toBeUndefined()
    })

    it.each(['', 'none', 'inf', 'nan', '0x5', '-5', '1.5', '9007199254740992', '9'.repeat(400)])(
      'replaces the fencing token %j',
      async (fence) => {
        await admin.hset(stored, { fence })
        const first = await fenceOf(open().lease(key, 'one', 60_000))
        expect(first).toBeGreaterThan(1_700_000_000_000)
        await open().release(key, 'one', first)
        expect(await fenceOf(open().lease(key, 'other', 60_000))).toBeGreaterThan(first)
      },
    )
  })
})
