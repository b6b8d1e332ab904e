import { storeTests } from '@pds/session/testing'
import { type PostgresStore, postgresStore } from '@pds/session-postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPglite, type TestClient } from './clients.test-helper.ts'
import { canary, messageOf } from './message-of.test-helper.ts'
import { until, untilSubscribed, watching } from './watching.test-helper.ts'

/* In one file, because PGlite starts slowly. */

let client: TestClient
const stores: PostgresStore[] = []
beforeAll(async () => {
  client = await openPglite()
  const { query, listen } = client
  stores.push(postgresStore({ query, listen }), postgresStore({ query, listen }))
  await stores[0]?.migrate()
  for (const store of stores) await untilSubscribed(store)
})
afterAll(() => client?.close())

describe('postgresStore over PGlite fulfils the Store contract', () => {
  let opened = 0
  it.each(storeTests(() => stores[opened++ % 2] as PostgresStore))('$name', ({ run }) => run())
})

it('postgresStore over PGlite hears of the writes of another store until it is closed', async () => {
  const [one, other] = stores as [PostgresStore, PostgresStore]
  const { calls } = await watching(one, 'heard')
  const before = calls()
  await other.compareAndSet('heard', { epoch: 1, data: 'a' }, 0)
  await until(() => calls() > before)
  await one.close()
  expect(one.isWatching?.('heard')).toBe(false)
  const atClose = calls()
  const { calls: callsOfOther } = await watching(other, 'heard')
  await other.compareAndSet('heard', { epoch: 1, data: 'b' }, 1)
  await until(() => callsOfOther() > 0)
  expect(calls()).toBe(atClose)
})

it('errors of postgresStore over PGlite contain neither the row nor the parameters', async () => {
  await client.query('DELETE FROM pds_sessions', [])
  await client.query('ALTER TABLE pds_sessions ADD CONSTRAINT no_data CHECK (data IS NULL)', [])
  const data = JSON.stringify({ access: canary })
  expect(
    await messageOf(postgresStore({ query: client.query }).compareAndSet(canary, { epoch: 0, data }, 0)),
  ).toMatch(/^PostgreSQL: .*no_data.* \(SQLSTATE 23514\)$/)
})
