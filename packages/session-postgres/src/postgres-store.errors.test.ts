import { postgresStore } from '@pds/session-postgres'
import { Client } from 'pg'
import { freePort } from 'shared/free-port'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { connectClient, type TestClient } from './clients.test-helper.ts'
import { canary, messageOf } from './message-of.test-helper.ts'
import { postgresIsMissing, type RunningPostgres, startPostgres } from './start-postgres.test-helper.ts'

const key = `${canary} key`
const data = JSON.stringify({ access: `${canary} access`, refresh: `${canary} refresh`.repeat(50) })
const record = { epoch: 1, data }

describe.skipIf(postgresIsMissing)(`errors of postgresStore ${postgresIsMissing || ''}`, () => {
  let server: RunningPostgres
  let admin: Client
  beforeAll(async () => {
    server = await startPostgres()
    admin = new Client(server.url)
    await admin.connect()
  })
  afterAll(async () => {
    await admin?.end()
    await server?.stop()
  })

  describe.each(Object.entries(connectClient))('over %s', (_name, connect) => {
    let client: TestClient
    const open = () => postgresStore({ query: client.query })
    beforeAll(async () => {
      client = connect(server.url)
      await open().migrate()
      await admin.query('DELETE FROM pds_sessions')
    })
    afterAll(() => client?.close())

    /** Connects another client, which the end of the test closes. */
    function connected(url: string, settings?: Record<string, string>): TestClient {
      const other = connect(url, settings)
      onTestFinished(() => void other.close())
      return other
    }

    it('contain neither the row nor the parameters', async () => {
      await admin.query('ALTER TABLE pds_sessions ADD CONSTRAINT no_data CHECK (data IS NULL)')
      const message = await messageOf(open().compareAndSet(key, record, 0))
      expect(message).toMatch(/^PostgreSQL: .*no_data.* \(SQLSTATE 23514\)$/)
      await admin.query('ALTER TABLE pds_sessions DROP CONSTRAINT no_data')
    })

    it('omit a message that repeats a part of the request', async () => {
      await admin.query(`CREATE FUNCTION repeat_data() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'invalid: %', NEW.data; END $$`)
      await admin.query(
        'CREATE TRIGGER repeats BEFORE INSERT ON pds_sessions FOR EACH ROW EXECUTE FUNCTION repeat_data()',
      )
      expect(await messageOf(open().compareAndSet(key, record, 0))).toBe(
        'PostgreSQL: SQLSTATE P0001 (message omitted: it repeats a part of the request)',
      )
      await admin.query('DROP FUNCTION repeat_data CASCADE')
    })

    it('report that the server accepts no writes', async () => {
      const store = postgresStore({
        query: connected(server.url, { default_transaction_read_only: 'on' }).query,
      })
      expect(await messageOf(store.compareAndSet(key, record, 0))).toMatch(
        /^PostgreSQL: .*read-only transaction \(SQLSTATE 25006\): connect `query` to the primary server$/,
      )
      expect(await store.read(key)).toBeUndefined()
    })

    it('report missing permissions of the user', async () => {
      await admin.query('DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN')
      const { query } = connected(server.url.replace('//pds@', '//guest@'))
      expect(await messageOf(postgresStore({ query }).read(key))).toMatch(
        /^PostgreSQL: permission denied for .*\(SQLSTATE 42501\): the user needs SELECT/,
      )
    })

    it('report a statement timeout', async () => {
      const { query } = connected(server.url, { statement_timeout: '50' })
      await admin.query('BEGIN; LOCK TABLE pds_sessions')
      expect(await messageOf(postgresStore({ query }).read(key))).toMatch(
        /^PostgreSQL: .*\(SQLSTATE 57014\)$/,
      )
      await admin.query('ROLLBACK')
    })

    it('report that the client is closed', async () => {
      const closed = connect(server.url)
      await closed.close()
      expect(await messageOf(postgresStore({ query: closed.query }).read(key))).toMatch(
        /^PostgreSQL: .*(after calling end|CONNECTION_ENDED)/,
      )
    })

    it('report that the server is unreachable', async () => {
      const { query } = connected(`postgres://pds:secret-canary@127.0.0.1:${await freePort()}/postgres`)
      expect(await messageOf(postgresStore({ query }).compareAndSet(key, record, 0))).toMatch(
        /^PostgreSQL: .*ECONNREFUSED/,
      )
    })

    it('reject a call that is in progress when its connection is terminated', async () => {
      await open().compareAndSet(key, record, 0)
      await admin.query('BEGIN; LOCK TABLE pds_sessions')
      const call = messageOf(open().compareAndSet(key, record, 1))
      const terminate = async () => {
        const { rowCount } = await admin.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
        )
        return rowCount
      }
      await expect.poll(terminate).toBe(1)
      expect(await call).toMatch(/^PostgreSQL: .+/)
      await admin.query('ROLLBACK')
      expect(await open().compareAndSet(key, record, 1)).toBe(true)
    })
  })
})
