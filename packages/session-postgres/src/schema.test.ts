import { postgresStore } from '@pds/session-postgres'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listed } from './listed.test-helper.ts'
import { startDatabase, type TestDatabase } from './start-database.test-helper.ts'
import { postgresIsMissing, type RunningPostgres, startPostgres } from './start-postgres.test-helper.ts'

describe('migrate', () => {
  let database: TestDatabase
  let sent: string[] = []
  const open = () =>
    postgresStore({
      query(text, params) {
        sent.push(text)
        return database.query(text, params)
      },
    })
  beforeAll(async () => {
    database = await startDatabase()
  })
  afterAll(() => database?.stop())
  beforeEach(async () => {
    await database.rows('DROP TABLE IF EXISTS pds_sessions')
    sent = []
  })

  it('creates the table and its index once', async () => {
    await open().migrate()
    await open().compareAndSet('kept', { epoch: 0, data: 'a' }, 0)
    sent = []
    await open().migrate()
    expect(sent).toHaveLength(1)
    expect(sent[0]).toMatch(/^SELECT /)
    expect(await open().read('kept')).toMatchObject({ rev: 1 })
  })

  it('creates the index if only the table exists', async () => {
    await open().migrate()
    await database.rows('DROP INDEX pds_sessions_used_at')
    await open().migrate()
    expect(await database.rows("SELECT to_regclass('public.pds_sessions_used_at')::text AS index")).toEqual([
      { index: 'pds_sessions_used_at' },
    ])
  })

  it('creates the same table as the property schema', async () => {
    const columns = () =>
      database.rows(
        `SELECT column_name, data_type, is_nullable, collation_name FROM information_schema.columns
          WHERE table_name = 'pds_sessions' ORDER BY ordinal_position`,
      )
    const indexes = () =>
      database.rows("SELECT indexdef FROM pg_indexes WHERE tablename = 'pds_sessions' ORDER BY 1")
    await open().migrate()
    const migrated = [await columns(), await indexes()]
    await database.rows('DROP TABLE pds_sessions')
    for (const statement of open()
      .schema.split(/;\n+/)
      .filter((part) => part !== ''))
      await database.rows(statement)
    expect([await columns(), await indexes()]).toEqual(migrated)
    expect(migrated[0]).toHaveLength(11)
    expect(migrated[1]).toHaveLength(2)
  })

  it('is named in the error of every call while the table is missing', async () => {
    const advice = 'call migrate() of the store, or run the SQL of its property `schema`'
    const calls = [
      () => open().read('key'),
      () => open().compareAndSet('key', { epoch: 0, data: '' }, 0),
      () => open().compareAndSet('key', { epoch: 0, data: '' }, 1),
      () => open().lease('key', 'one', 1000),
      () => open().release('key', 'one', 1),
      () => listed(open()),
    ]
    for (const call of calls) {
      await expect(call()).rejects.toThrow(
        `PostgreSQL: relation "public.pds_sessions" does not exist (SQLSTATE 42P01): ${advice}`,
      )
    }
  })

  it('rejects if the table belongs to another program, and does not change it', async () => {
    await database.rows('CREATE TABLE pds_sessions (key text PRIMARY KEY, rev bigint, used_at timestamptz)')
    const message = /^PostgreSQL: column \S+ .*does not exist \(SQLSTATE 42703\): the table has other columns/
    await expect(open().migrate()).rejects.toThrow(message)
    await expect(open().lease('key', 'one', 1000)).rejects.toThrow(message)
    await expect(open().read('key')).rejects.toThrow(message)
    expect(await database.rows('SELECT * FROM pds_sessions')).toEqual([])
  })

  it('rejects if a column has another type', async () => {
    await open().migrate()
    await database.rows('ALTER TABLE pds_sessions ALTER COLUMN rev TYPE text')
    await expect(open().read('key')).rejects.toThrow(/SQLSTATE 42883\): the table has other columns/)
  })

  it('asks for the schema if that is missing', async () => {
    const store = postgresStore({ query: database.query, schemaName: 'missing' })
    await expect(store.migrate()).rejects.toThrow(
      'PostgreSQL: schema "missing" does not exist (SQLSTATE 3F000): create the schema first: the store creates only its table',
    )
  })
})

describe.skipIf(postgresIsMissing)(`migrate on a server ${postgresIsMissing || ''}`, () => {
  let server: RunningPostgres
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.stop())

  it('succeeds in many processes at the same time', async () => {
    const clients = Array.from({ length: 10 }, () => new Client(server.url))
    await Promise.all(clients.map((client) => client.connect()))
    for (let round = 0; round < 4; round++) {
      await clients[0]?.query('DROP TABLE IF EXISTS pds_sessions')
      const stores = clients.map((client) =>
        postgresStore({ query: (text, params) => client.query(text, params) }),
      )
      await Promise.all(stores.map((store) => store.migrate()))
      await Promise.all(
        stores.map((store, index) => store.compareAndSet(`${index}`, { epoch: 0, data: '' }, 0)),
      )
    }
    await Promise.all(clients.map((client) => client.end()))
  })

  it('needs no permission to create if the table exists, and waits for no lock', async () => {
    const admin = new Client(server.url)
    await admin.connect()
    const owner = postgresStore({ query: (text, params) => admin.query(text, params) })
    await owner.migrate()
    await admin.query('CREATE ROLE app LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON pds_sessions TO app')
    const app = new Client(server.url.replace('//pds@', '//app@'))
    await app.connect()
    const store = postgresStore({ query: (text, params) => app.query(text, params) })
    await admin.query('BEGIN; UPDATE pds_sessions SET used_at = now()')
    await store.migrate()
    await admin.query('COMMIT')

    // These permissions are enough for every call.
    const fence = (await store.lease('key', 'one', 60_000))?.fence as number
    expect(await store.compareAndSet('key', { epoch: 0, data: '' }, 0, { owner: 'one', fence })).toBe(true)
    await store.release('key', 'one', fence)
    expect(await store.read('key')).toMatchObject({ rev: 1 })
    await expect(
      postgresStore({ query: (text, params) => app.query(text, params), table: 'other' }).migrate(),
    ).rejects.toThrow(/SQLSTATE 42501\): the user needs SELECT, INSERT, UPDATE and DELETE on the table/)
    await Promise.all([admin.end(), app.end()])
  })
})
