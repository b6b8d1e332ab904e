import { type PostgresStore, postgresStore } from '@pds/session-postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fenceOf } from './fence-of.test-helper.ts'
import { startDatabase, type TestDatabase } from './start-database.test-helper.ts'

const key = 'leased'
const hour = 3_600_000

describe('leases of postgresStore', () => {
  let database: TestDatabase
  let store: PostgresStore
  let statements: string[] = []
  beforeAll(async () => {
    database = await startDatabase()
    const query = (text: string, params: string[]) => {
      statements.push(text)
      return database.query(text, params)
    }
    store = postgresStore({ query })
    await store.migrate()
  })
  afterAll(() => database?.stop())
  beforeEach(async () => {
    await database.rows('DELETE FROM pds_sessions')
    statements = []
  })

  /** Returns the values of expressions for the row of the lease. Times are in milliseconds since the Unix epoch. */
  async function row(): Promise<Record<'fence' | 'taken' | 'until' | 'now', number>> {
    const time = (expression: string) => `extract(epoch FROM ${expression})::double precision * 1000`
    const [first = {}] = await database.rows(
      `SELECT fence::double precision AS fence, ${time('lease_taken')} AS taken, ${time('lease_until')} AS until,
        ${time('clock_timestamp()')} AS now FROM pds_sessions`,
    )
    return first as Record<'fence' | 'taken' | 'until' | 'now', number>
  }

  /** Moves the times of the lease, as if a clock that is ahead had timed it. */
  const shift = (milliseconds: number) =>
    database.rows(
      `UPDATE pds_sessions SET fence = fence + ${milliseconds},
        lease_taken = lease_taken + interval '${milliseconds} milliseconds',
        lease_until = lease_until + interval '${milliseconds} milliseconds'`,
    )

  it('take, spend and commit in 3 statements', async () => {
    const lease = await store.lease(key, 'one', 60_000)
    expect(lease?.record).toBeUndefined()
    const holder = { owner: 'one', fence: lease?.fence as number }
    expect(await store.compareAndSet(key, { epoch: 0, data: 'intent' }, 0)).toBe(true)
    expect(await store.compareAndSet(key, { epoch: 0, data: 'token' }, 1, holder)).toBe(true)
    expect(statements).toHaveLength(3)
    const next = await store.lease(key, 'other', 60_000)
    expect(next?.record).toEqual({ epoch: 0, data: 'token', rev: 2 })
    expect(next?.fence).toBeGreaterThan(holder.fence)
  })

  it('are released with the first write of a key, too', async () => {
    const holder = { owner: 'one', fence: await fenceOf(store.lease(key, 'one', 60_000)) }
    expect(await store.compareAndSet(key, { epoch: 0, data: 'a' }, 0, holder)).toBe(true)
    expect(await store.lease(key, 'other', 60_000)).toBeDefined()
  })

  it('are timed by the clock of the server', async () => {
    const [time] = await database.rows(
      'SELECT extract(epoch FROM clock_timestamp())::double precision AS now',
    )
    const before = Number(time?.now) * 1000
    const fence = await fenceOf(store.lease(key, 'one', 60_000.5))
    const { taken, until, now } = await row()
    expect(taken).toBeGreaterThanOrEqual(before)
    expect(taken).toBeLessThanOrEqual(now)
    expect(until - taken).toBeCloseTo(60_000.5, 0)
    expect(fence).toBe(Math.ceil(taken))
  })

  it('expire if a clock that was an hour ahead timed them', async () => {
    await store.lease(key, 'one', 30_000)
    await shift(hour)
    const ahead = await row()
    expect(await fenceOf(store.lease(key, 'other', 30_000))).toBeGreaterThan(ahead.fence)
    // The new lease is timed by the clock of this server.
    expect(await store.lease(key, 'one', 30_000)).toBeUndefined()
    expect((await row()).until).toBeLessThan(ahead.until)
  })

  it('do not expire if the clock is set back by less than a second', async () => {
    await store.lease(key, 'one', hour)
    await shift(900)
    expect(await store.lease(key, 'other', 30_000)).toBeUndefined()
    await shift(60_000)
    expect(await store.lease(key, 'other', 30_000)).toBeDefined()
  })

  it('expire at their end', async () => {
    await store.lease(key, 'one', hour)
    await shift(1000 - hour)
    expect(await store.lease(key, 'other', 30_000)).toBeUndefined()
    await shift(-1000)
    expect(await store.lease(key, 'other', 30_000)).toBeDefined()
  })

  it('have a higher fencing token even if the last one was lost', async () => {
    const first = await fenceOf(store.lease(key, 'one', 60_000))
    await store.release(key, 'one', first)
    await database.rows('DELETE FROM pds_sessions')
    // A fencing token is at least the time in milliseconds. A failover takes longer than a millisecond.
    const time = async () => {
      const [first] = await database.rows(
        'SELECT extract(epoch FROM clock_timestamp())::double precision AS now',
      )
      return Number(first?.now) * 1000
    }
    while ((await time()) <= first) {}
    expect(await fenceOf(store.lease(key, 'one', 60_000))).toBeGreaterThan(first)
  })

  it('keep the fencing token after a release', async () => {
    await store.lease(key, 'one', 60_000)
    await shift(hour)
    const { fence } = await row()
    await store.release(key, 'one', fence)
    expect(await fenceOf(store.lease(key, 'other', 60_000))).toBe(fence + 1)
  })

  it('separate owners with any characters', async () => {
    const fence = await fenceOf(store.lease(key, 'a\0\ud800', 60_000))
    for (const owner of ['a\0\udbff', 'a', 'a\0\ufffd']) {
      expect(await store.lease(key, owner, 60_000)).toBeUndefined()
      await store.release(key, owner, fence)
    }
    await store.release(key, 'a\0\ud800', fence)
    expect(await store.lease(key, 'other', 60_000)).toBeDefined()
  })
})
