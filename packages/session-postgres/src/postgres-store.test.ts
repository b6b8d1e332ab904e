import { type PostgresQuery, postgresStore } from '@pds/session-postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connectClient } from './clients.test-helper.ts'
import { fenceOf } from './fence-of.test-helper.ts'
import { listed } from './listed.test-helper.ts'
import { startDatabase, type TestDatabase } from './start-database.test-helper.ts'
import { postgresIsMissing, type RunningPostgres, startPostgres } from './start-postgres.test-helper.ts'

describe('postgresStore', () => {
  let database: TestDatabase
  const open = () => postgresStore({ query: database.query })
  beforeAll(async () => {
    database = await startDatabase()
    await open().migrate()
  })
  afterAll(() => database?.stop())
  beforeEach(() => database.rows('DELETE FROM pds_sessions'))

  it('has the scope cluster', () => {
    expect(open()).toMatchObject({ scope: 'cluster' })
  })

  it('keeps revisions, epochs and fencing tokens up to 2 ** 53 - 1', async () => {
    const rev = Number.MAX_SAFE_INTEGER - 2
    await database.rows(
      `INSERT INTO pds_sessions (key, used_at, rev, epoch, data, fence) VALUES ('large', now(), ${rev}, 0, '', ${rev})`,
    )
    const store = open()
    expect(await store.compareAndSet('large', { epoch: Number.MAX_SAFE_INTEGER, data: 'a' }, rev)).toBe(true)
    const written = { epoch: Number.MAX_SAFE_INTEGER, data: 'a', rev: rev + 1 }
    expect(await store.read('large')).toEqual(written)
    expect(await fenceOf(store.lease('large', 'one', 60_000))).toBe(rev + 1)
    await store.release('large', 'one', rev + 1)
    expect(await fenceOf(store.lease('large', 'other', 60_000))).toBe(rev + 2)
  })

  it.each(['a\0b', '\ud800', '\uFDD0', '\uFDD00000', 'x'.repeat(1_000_000)])(
    'stores data with any characters: %.20j',
    async (data) => {
      for (const rev of [0, 1]) {
        expect(await open().compareAndSet('key', { epoch: 0, data }, rev)).toBe(true)
        expect(await open().read('key')).toEqual({ epoch: 0, data, rev: rev + 1 })
      }
    },
  )

  it('stores an ordinary key unchanged, and separates and lists long keys', async () => {
    // Random, because an index stores a compressed key.
    const long = Array.from({ length: 500 }, () => crypto.randomUUID()).join()
    const keys = ['user-1#a-b_c', long, `${long}x`, `${long}\0`, `${'x'.repeat(500)}\ud800`]
    for (const [epoch, key] of keys.entries()) {
      const fence = await fenceOf(open().lease(key, 'one', 60_000))
      const holder = { owner: 'one', fence }
      expect(await open().compareAndSet(key, { epoch, data: '' }, 0, holder)).toBe(true)
    }
    for (const [epoch, key] of keys.entries()) expect(await open().read(key)).toMatchObject({ epoch, rev: 1 })
    expect((await listed(open())).sort()).toEqual(keys.sort())
    const rows = await database.rows('SELECT key FROM pds_sessions WHERE long_key IS NULL')
    expect(rows).toEqual([{ key: 'user-1#a-b_c' }])
  })

  it('lists keys without an error while others are written and removed', async () => {
    const write = (name: string) => open().compareAndSet(name, { epoch: 0, data: '' }, 0)
    await Promise.all(Array.from({ length: 501 }, (_, number) => write(`key ${1000 + number}`)))
    const found: string[] = []
    for await (const key of open().list()) {
      if (found.length === 0) {
        await write('a first key')
        await write('key 9999')
        await database.rows("DELETE FROM pds_sessions WHERE key = 'key 1500'")
      }
      found.push(key)
    }
    expect(found).toHaveLength(501)
    expect(found).toContain('key 9999')
  })

  it('uses the table and schema of its options, which may need quotes', async () => {
    await database.rows('CREATE SCHEMA "of the App"')
    const [one, other] = ['Sessions; of "one'.replaceAll('"', "'"), 'pds_sessions'].map((table) =>
      postgresStore({ query: database.query, schemaName: 'of the App', table }),
    )
    await one?.migrate()
    await other?.migrate()
    await one?.compareAndSet('key', { epoch: 1, data: 'one' }, 0)
    await other?.compareAndSet('key', { epoch: 2, data: 'other' }, 0)
    expect(await one?.read('key')).toEqual({ epoch: 1, data: 'one', rev: 1 })
    expect(await other?.read('key')).toEqual({ epoch: 2, data: 'other', rev: 1 })
    expect(await open().read('key')).toBeUndefined()
    const tables = await database.rows(
      "SELECT tablename FROM pg_tables WHERE schemaname = 'of the App' ORDER BY tablename",
    )
    expect(tables).toEqual([{ tablename: "Sessions; of 'one" }, { tablename: 'pds_sessions' }])
  })

  describe('a statement that is retried after its result was lost', () => {
    /** Runs each statement twice, as a client that lost the first result. */
    const twice: PostgresQuery = async (text, params) => {
      await database.query(text, [...params])
      return database.query(text, params)
    }
    const retrying = () => postgresStore({ query: twice })

    it('counts as the own write', async () => {
      expect(await retrying().compareAndSet('retried', { epoch: 0, data: 'a' }, 0)).toBe(true)
      expect(await open().read('retried')).toEqual({ epoch: 0, data: 'a', rev: 1 })
      expect(await retrying().compareAndSet('retried', { epoch: 1, data: 'b' }, 1)).toBe(true)
      expect(await open().read('retried')).toEqual({ epoch: 1, data: 'b', rev: 2 })
    })

    it('counts as the own write over a damaged revision', async () => {
      await database.rows("INSERT INTO pds_sessions (key, used_at, rev) VALUES ('retried', now(), -5)")
      expect(await retrying().compareAndSet('retried', { epoch: 1, data: 'b' }, -1)).toBe(true)
      expect(await open().read('retried')).toEqual({ epoch: 1, data: 'b', rev: 1 })
    })

    it('does not release the lease that another owner took between', async () => {
      const fence = await fenceOf(open().lease('retried', 'one', 60_000))
      const between: PostgresQuery = async (text, params) => {
        await database.query(text, [...params])
        expect(await open().lease('retried', 'other', 60_000)).toBeDefined()
        return database.query(text, params)
      }
      const store = postgresStore({ query: between })
      const holder = { owner: 'one', fence }
      expect(await store.compareAndSet('retried', { epoch: 0, data: 'a' }, 0, holder)).toBe(true)
      expect(await open().lease('retried', 'third', 60_000)).toBeUndefined()
    })

    it('grants a lease and releases it', async () => {
      const fence = await fenceOf(retrying().lease('retried', 'one', 60_000))
      expect(await open().lease('retried', 'other', 60_000)).toBeUndefined()
      await retrying().release('retried', 'one', fence)
      expect(await open().lease('retried', 'other', 60_000)).toBeDefined()
    })

    it('is another write after one of another caller', async () => {
      const overtaken: PostgresQuery = async (text, params) => {
        await database.query(text, [...params])
        expect(await open().compareAndSet('retried', { epoch: 5, data: 'other' }, 1)).toBe(true)
        return database.query(text, params)
      }
      const store = postgresStore({ query: overtaken })
      expect(await store.compareAndSet('retried', { epoch: 0, data: 'a' }, 0)).toBe(false)
      expect(await open().read('retried')).toEqual({ epoch: 5, data: 'other', rev: 2 })
    })
  })

  it.each([
    ['nothing', undefined],
    ['an object without rows', { rowCount: 1 }],
    ['null', null],
  ])('rejects with the reason if query returns %s', async (_case, result) => {
    const store = postgresStore({ query: async () => result as never })
    await expect(store.read('key')).rejects.toThrow(
      'PostgreSQL: query must return the rows of the statement: an array, or an object with an array `rows`',
    )
  })

  it.each([
    ['arrays', [['1', '0', 'a']]],
    ['other names', [{ Rev: '1', Epoch: '0', Data: 'a' }]],
    ['numbers', [{ rev: 1, epoch: 0, data: 'a' }]],
  ])('rejects with the reason if query returns rows as %s', async (_case, rows) => {
    const store = postgresStore({ query: async () => ({ rows }) })
    await expect(store.read('key')).rejects.toThrow('PostgreSQL: a row of the result is invalid')
  })
})

describe.skipIf(postgresIsMissing)(`postgresStore over two libraries ${postgresIsMissing || ''}`, () => {
  let server: RunningPostgres
  const clients = () => [connectClient.pg(server.url), connectClient.postgres(server.url)] as const
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.stop())

  it('shares records and leases', async () => {
    const [pg, postgres] = clients()
    const [one, other] = [postgresStore({ query: pg.query }), postgresStore({ query: postgres.query })]
    await one.migrate()
    expect(await one.compareAndSet('shared', { epoch: 3, data: '字' }, 0)).toBe(true)
    expect(await other.read('shared')).toEqual({ epoch: 3, data: '字', rev: 1 })
    expect(await other.compareAndSet('shared', { epoch: 3, data: 'b' }, 1)).toBe(true)
    expect(await one.compareAndSet('shared', { epoch: 3, data: 'c' }, 1)).toBe(false)

    const fence = await fenceOf(one.lease('shared', 'one', 60_000))
    expect(await other.lease('shared', 'other', 60_000)).toBeUndefined()
    await other.release('shared', 'one', fence)
    expect(await fenceOf(other.lease('shared', 'other', 60_000))).toBeGreaterThan(fence)
    await Promise.all([pg.close(), postgres.close()])
  })

  it('keeps all confirmed writes when the server crashes, and goes on after its restart', async () => {
    const [pg, postgres] = clients()
    const [one, other] = [postgresStore({ query: pg.query }), postgresStore({ query: postgres.query })]
    await one.migrate()
    await one.compareAndSet('crash 1', { epoch: 1, data: 'a' }, 0)
    await other.compareAndSet('crash 2', { epoch: 2, data: 'b' }, 0)
    await server.crash()
    for (const store of [one, other]) await expect(store.read('crash 1')).rejects.toThrow(/^PostgreSQL: /)
    await server.start()
    expect(await one.read('crash 2')).toEqual({ epoch: 2, data: 'b', rev: 1 })
    await expect
      .poll(() => other.read('crash 1').catch(() => undefined))
      .toEqual({ epoch: 1, data: 'a', rev: 1 })
    await Promise.all([pg.close(), postgres.close()])
  })
})
