import { postgresStore } from '@pds/session-postgres'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listed } from './listed.test-helper.ts'
import { startDatabase, type TestDatabase } from './start-database.test-helper.ts'
import { postgresIsMissing, type RunningPostgres, startPostgres } from './start-postgres.test-helper.ts'

const month = 30 * 24 * 60 * 60 * 1000
const old = "now() - interval '31 days'"

describe('postgresStore with expireAfter', () => {
  let database: TestDatabase
  const open = () => postgresStore({ query: database.query, expireAfter: month })
  beforeAll(async () => {
    database = await startDatabase()
    await open().migrate()
  })
  afterAll(() => database?.stop())
  beforeEach(() => database.rows('DELETE FROM pds_sessions'))

  const count = async () =>
    Number((await database.rows('SELECT count(*)::text AS count FROM pds_sessions'))[0]?.count)
  const insert = (columns: string, select: string) =>
    database.rows(`INSERT INTO pds_sessions (key, ${columns}) SELECT ${select}`)

  it('removes unused sessions with a write', async () => {
    await insert('used_at, rev, epoch, data', `'old', ${old}, 1, 0, 'a'`)
    await insert('used_at, fence', `'old lease', ${old}, 5`)
    await insert('used_at, rev, epoch, data', `'recent', now() - interval '29 days', 1, 0, 'a'`)
    await open().compareAndSet('new', { epoch: 0, data: '' }, 0)
    await expect.poll(count).toBe(2)
    expect((await listed(open())).sort()).toEqual(['new', 'recent'])
  })

  it('removes them with a lease, but not with a read', async () => {
    await insert('used_at, rev, epoch, data', `'old', ${old}, 1, 0, 'a'`)
    const sent: string[] = []
    const query: TestDatabase['query'] = async (text, params) => {
      sent.push(text)
      return database.query(text, params)
    }
    const store = postgresStore({ query, expireAfter: month })
    await store.read('old')
    await listed(store)
    expect(sent.filter((text) => text.includes('DELETE'))).toEqual([])
    await store.lease('leased', 'one', 60_000)
    await expect.poll(count).toBe(1)
  })

  it('keeps a session that is written or leased again', async () => {
    await insert('used_at, rev, epoch, data', `'written', ${old}, 1, 0, 'a'`)
    await insert('used_at, rev, epoch, data', `'leased', ${old}, 1, 0, 'a'`)
    await insert('used_at, rev, epoch, data', `'old', ${old}, 1, 0, 'a'`)
    const keeping = postgresStore({ query: database.query })
    await keeping.compareAndSet('written', { epoch: 0, data: 'b' }, 1)
    await keeping.lease('leased', 'one', 60_000)
    expect(await count()).toBe(3)
    await open().lease('other', 'one', 60_000)
    await expect.poll(count).toBe(3)
    expect((await listed(open())).sort()).toEqual(['leased', 'written'])
  })

  it('keeps a session whose lease is longer', async () => {
    await insert(
      'used_at, lease_owner, lease_taken, lease_until',
      `'leased', ${old}, 'one', ${old}, now() + interval '1 minute'`,
    )
    await insert('used_at, rev, epoch, data', `'old', ${old}, 1, 0, 'a'`)
    await open().lease('other', 'one', 60_000)
    await expect.poll(count).toBe(2)
    expect(await open().lease('leased', 'other', 60_000)).toBeUndefined()
  })

  it('removes 100 sessions with each write until none is left, and then only once in a minute', async () => {
    await insert(
      'used_at, rev, epoch, data',
      `number::text, ${old}, 1, 0, 'a' FROM generate_series(1, 250) AS number`,
    )
    const store = open()
    for (const left of [150, 50, 0]) {
      await store.lease('other', 'one', 60_000)
      await expect.poll(count).toBe(left + 1)
    }
    let deletions = 0
    const query: TestDatabase['query'] = async (text, params) => {
      if (text.includes('DELETE')) deletions++
      return database.query(text, params)
    }
    const other = postgresStore({ query, expireAfter: month })
    for (let write = 0; write < 5; write++) await other.lease('other', 'one', 60_000)
    expect(deletions).toBe(1)
  })

  it('does not reject a call because the deletion fails', async () => {
    const query: TestDatabase['query'] = async (text, params) => {
      if (text.includes('DELETE')) throw new Error('the deletion failed')
      return database.query(text, params)
    }
    const store = postgresStore({ query, expireAfter: month })
    expect(await store.compareAndSet('new', { epoch: 0, data: '' }, 0)).toBe(true)
  })

  it('keeps all sessions without expireAfter', async () => {
    await insert('used_at, rev, epoch, data', `'old', ${old}, 1, 0, 'a'`)
    const store = postgresStore({ query: database.query })
    for (let write = 0; write < 5; write++) await store.lease(`key ${write}`, 'one', 60_000)
    expect(await listed(store)).toEqual(['old'])
  })
})

describe.skipIf(postgresIsMissing)(`the deletion of unused sessions ${postgresIsMissing || ''}`, () => {
  let server: RunningPostgres
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.stop())

  it('does not wait for locked rows', async () => {
    const [client, blocker] = [new Client(server.url), new Client(server.url)]
    await Promise.all([client.connect(), blocker.connect()])
    const store = postgresStore({ query: (text, params) => client.query(text, params), expireAfter: month })
    await store.migrate()
    await client.query(
      `INSERT INTO pds_sessions (key, used_at) SELECT number::text, ${old} FROM generate_series(1, 10) AS number`,
    )
    await blocker.query("BEGIN; UPDATE pds_sessions SET used_at = now() WHERE key <= '3'")
    // The client has one connection: it runs this statement after the deletion.
    await store.lease('other', 'one', 60_000)
    const { rows } = await client.query("SELECT key FROM pds_sessions WHERE key <> 'other' ORDER BY key")
    expect(rows.map(({ key }) => key)).toEqual(['1', '10', '2', '3'])
    await blocker.query('COMMIT')
    await Promise.all([client.end(), blocker.end()])
  })
})
