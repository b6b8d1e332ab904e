import type { StoredRecord } from '@pds/session'
import { postgresStore } from '@pds/session-postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fenceOf } from './fence-of.test-helper.ts'
import { listed } from './listed.test-helper.ts'
import { startDatabase, type TestDatabase } from './start-database.test-helper.ts'

const key = 'damaged'
const canary = 'canary'
const record = { epoch: 8, data: 'new' }

describe('postgresStore with damaged data', () => {
  let database: TestDatabase
  const open = () => postgresStore({ query: database.query })
  beforeAll(async () => {
    database = await startDatabase()
    await open().migrate()
  })
  afterAll(() => database?.stop())
  beforeEach(() => database.rows('DELETE FROM pds_sessions'))

  const insert = (columns: string, values: string) =>
    database.rows(`INSERT INTO pds_sessions (key, used_at, ${columns}) VALUES ('${key}', now(), ${values})`)

  it.each<[string, string, string, number, number, string]>([
    ['no data', 'rev, epoch', '3, 7', 3, 7, 'data'],
    ['no epoch', 'rev, data', `3, '${canary}'`, 3, 0, 'epoch'],
    ['no revision', 'epoch, data', `7, '${canary}'`, -1, 7, 'rev'],
    ['only data', 'data', `'${canary}'`, -1, 0, 'rev, epoch'],
    ['only an epoch', 'epoch', '7', -1, 7, 'rev, data'],
    ['only a revision', 'rev', '3', 3, 0, 'epoch, data'],
    ['the revision 0', 'rev, epoch, data', `0, 7, '${canary}'`, -1, 7, 'rev'],
    ['the revision -1', 'rev, epoch, data', `-1, 7, '${canary}'`, -1, 7, 'rev'],
    ['a revision of 2 ** 53', 'rev, epoch, data', `9007199254740992, 7, '${canary}'`, -1, 7, 'rev'],
    ['the highest revision', 'rev, epoch, data', `9223372036854775807, 7, '${canary}'`, -1, 7, 'rev'],
    ['a negative epoch', 'rev, epoch, data', `3, -1, '${canary}'`, 3, 0, 'epoch'],
    ['an epoch above 2 ** 53', 'rev, epoch, data', `3, 9007199254740993, '${canary}'`, 3, 0, 'epoch'],
    ['nothing valid', 'rev, epoch', '-5, -5', -1, 0, 'rev, epoch, data'],
  ])('returns and replaces a record with %s', async (_case, columns, values, rev, epoch, flaw) => {
    await insert(columns, values)
    const store = open()
    const { error, ...rest } = (await store.read(key)) as StoredRecord
    expect(rest).toEqual({ rev, epoch, data: '' })
    expect(error?.message).toBe(
      `PostgreSQL: the stored session is damaged (missing or invalid: ${flaw}): setToken and signOut replace it. Use a table that only @pds/session-postgres writes`,
    )
    expect(await listed(store)).toEqual([key])

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
  })

  it('counts revisions from 1 again after the highest one', async () => {
    await insert('rev, epoch, data', `${Number.MAX_SAFE_INTEGER}, 0, 'a'`)
    expect(await open().compareAndSet(key, record, Number.MAX_SAFE_INTEGER)).toBe(true)
    expect(await open().read(key)).toEqual({ ...record, rev: 1 })
  })

  it('treats a row that has only a lease as no record', async () => {
    const fence = await fenceOf(open().lease(key, 'one', 60_000))
    await open().release(key, 'one', fence)
    expect(await open().read(key)).toBeUndefined()
    expect(await listed(open())).toEqual([])
    expect(await open().compareAndSet(key, record, -1)).toBe(false)
    expect(await open().compareAndSet(key, record, 0)).toBe(true)
  })

  it('returns data whose escapes are damaged', async () => {
    await insert('rev, epoch, data', `3, 7, U&'a\\FDD0zz\\FDD0'`)
    expect(await open().read(key)).toEqual({ rev: 3, epoch: 7, data: 'a\uFDD0zz\uFDD0' })
  })

  it.each([
    ['no end', 'lease_owner, lease_taken', "'one', now()"],
    ['an infinite end', 'lease_owner, lease_taken, lease_until', "'one', now(), 'infinity'"],
    ['an infinite start', 'lease_owner, lease_taken, lease_until', "'one', 'infinity', 'infinity'"],
    ['the last possible end', 'lease_owner, lease_taken, lease_until', "'one', now(), '294276-12-31'"],
    ['an end before every start', 'lease_owner, lease_taken, lease_until', "'one', '-infinity', '-infinity'"],
    ['no start', 'lease_owner, lease_until', "'one', now() + interval '1 minute'"],
    ['no owner', 'lease_taken, lease_until', "now(), now() + interval '1 minute'"],
  ])('grants a lease over a lease with %s', async (_case, columns, values) => {
    await insert(`fence, ${columns}`, `5, ${values}`)
    expect(await fenceOf(open().lease(key, 'other', 60_000))).toBeGreaterThan(5)
    expect(await open().lease(key, 'one', 60_000)).toBeUndefined()
  })

  it.each(['NULL', '-5', '0', '9007199254740991', '9007199254740992', '9223372036854775807'])(
    'replaces the fencing token %s',
    async (fence) => {
      await insert('fence', fence)
      const first = await fenceOf(open().lease(key, 'one', 60_000))
      expect(first).toBeGreaterThan(1_700_000_000_000)
      await open().release(key, 'one', first)
      expect(await fenceOf(open().lease(key, 'other', 60_000))).toBeGreaterThan(first)
    },
  )
})
