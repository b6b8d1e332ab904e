import { postgresStore } from '@pds/session-postgres'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connectClient, type TestClient } from './clients.test-helper.ts'
import { fenceOf } from './fence-of.test-helper.ts'
import { postgresIsMissing, type RunningPostgres, startPostgres } from './start-postgres.test-helper.ts'

const key = 'locked'
const written = { epoch: 9, data: 'concurrent', rev: 2 }

/*
 * A statement that waits for the lock of a row sees the last committed row. A SELECT beside it would see an older one.
 */
describe.skipIf(postgresIsMissing)(`postgresStore over a locked row ${postgresIsMissing || ''}`, () => {
  let server: RunningPostgres
  let client: TestClient
  let blocker: Client
  let observer: Client
  const open = () => postgresStore({ query: client.query })
  beforeAll(async () => {
    server = await startPostgres()
    client = connectClient.pg(server.url)
    ;[blocker, observer] = [
      new Client({ connectionString: server.url }),
      new Client({ connectionString: server.url }),
    ]
    await Promise.all([blocker.connect(), observer.connect()])
    await open().migrate()
  })
  afterAll(async () => {
    await Promise.all([client?.close(), blocker?.end(), observer?.end()])
    await server?.stop()
  })
  beforeEach(() => blocker.query('DELETE FROM pds_sessions'))

  /** Runs a statement in a transaction, and commits it when a call of a store waits for its lock. */
  async function whileLocked<Result>(statement: string, call: () => Promise<Result>): Promise<Result> {
    await blocker.query('BEGIN')
    await blocker.query(statement)
    const result = call()
    const waiting = async () => {
      const { rows } = await observer.query("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
      return rows.length
    }
    await expect.poll(waiting).toBe(1)
    await blocker.query('COMMIT')
    return result
  }

  const write = `UPDATE pds_sessions SET rev = 2, epoch = 9, data = 'concurrent' WHERE key = '${key}'`

  it('returns with a lease the record of a concurrent write', async () => {
    await open().compareAndSet(key, { epoch: 0, data: 'a' }, 0)
    const lease = await whileLocked(write, () => open().lease(key, 'one', 60_000))
    expect(lease?.record).toEqual(written)
  })

  it('returns with the first lease of a key the record of a concurrent insert', async () => {
    const insert = `INSERT INTO pds_sessions (key, used_at, rev, epoch, data) VALUES ('${key}', now(), 2, 9, 'concurrent')`
    const lease = await whileLocked(insert, () => open().lease(key, 'one', 60_000))
    expect(lease?.record).toEqual(written)
  })

  it('grants no lease that a concurrent owner got', async () => {
    await open().compareAndSet(key, { epoch: 0, data: 'a' }, 0)
    const take = `UPDATE pds_sessions SET lease_owner = 'other', fence = 1, lease_taken = now(), lease_until = now() + interval '1 minute'`
    expect(await whileLocked(take, () => open().lease(key, 'one', 60_000))).toBeUndefined()
  })

  it('grants a lease with a fencing token above the one of a concurrent lease', async () => {
    const fence = await fenceOf(open().lease(key, 'one', 60_000))
    await open().release(key, 'one', fence)
    const count = `UPDATE pds_sessions SET fence = ${fence} + 3600000`
    expect(await fenceOf(whileLocked(count, () => open().lease(key, 'one', 60_000)))).toBe(fence + 3_600_001)
  })

  it('does not write over a record of a concurrent write', async () => {
    await open().compareAndSet(key, { epoch: 0, data: 'a' }, 0)
    const change = { epoch: 1, data: 'b' }
    expect(await whileLocked(write, () => open().compareAndSet(key, change, 1))).toBe(false)
    expect(await open().read(key)).toEqual(written)
  })

  it('does not insert over a record of a concurrent insert', async () => {
    const insert = `INSERT INTO pds_sessions (key, used_at, rev, epoch, data) VALUES ('${key}', now(), 2, 9, 'concurrent')`
    const change = { epoch: 1, data: 'b' }
    expect(await whileLocked(insert, () => open().compareAndSet(key, change, 0))).toBe(false)
    expect(await open().read(key)).toEqual(written)
  })

  it('reads, lists and asks for a held lease without waiting for the lock', async () => {
    await open().compareAndSet(key, { epoch: 0, data: 'a' }, 0)
    await open().lease(key, 'one', 60_000)
    await blocker.query('BEGIN')
    await blocker.query('SELECT FROM pds_sessions FOR UPDATE')
    expect(await open().read(key)).toMatchObject({ rev: 1 })
    for await (const listed of open().list()) expect(listed).toBe(key)
    expect(await open().lease(key, 'other', 60_000)).toBeUndefined()
    await blocker.query('COMMIT')
  })

  it('writes nothing to the log of the database when it asks for a held lease', async () => {
    await open().lease(key, 'one', 60_000)
    const position = async () => (await observer.query('SELECT pg_current_wal_insert_lsn() AS at')).rows[0].at
    const before = await position()
    for (let asked = 0; asked < 20; asked++) await open().lease(key, 'other', 60_000)
    expect(await position()).toBe(before)
  })
})
