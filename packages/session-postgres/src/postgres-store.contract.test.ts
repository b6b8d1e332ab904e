import { storeTests } from '@pds/session/testing'
import { postgresStore } from '@pds/session-postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectClient, type TestClient } from './clients.test-helper.ts'
import {
  pgbouncerIsMissing,
  postgresIsMissing,
  type RunningPgbouncer,
  type RunningPostgres,
  startPgbouncer,
  startPostgres,
} from './start-postgres.test-helper.ts'

/** Defines the tests of the store contract for stores over several clients, which share a table. */
function testContract(connect: () => Promise<TestClient[]>): void {
  const clients: TestClient[] = []
  let opened = 0
  beforeAll(async () => {
    clients.push(...(await connect()))
    await postgresStore({ query: (clients[0] as TestClient).query }).migrate()
  })
  afterAll(() => Promise.all(clients.map((client) => client.close())))

  const open = () => postgresStore({ query: (clients[opened++ % clients.length] as TestClient).query })
  it.each(storeTests(open))('$name', ({ run }) => run())
}

describe.skipIf(postgresIsMissing)(`postgresStore over a server ${postgresIsMissing || ''}`, () => {
  let server: RunningPostgres
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.stop())

  describe.each(Object.entries(connectClient))('over %s fulfils the Store contract', (_name, connect) => {
    testContract(async () => [connect(server.url), connect(server.url)])
  })

  describe('over pg at the isolation level SERIALIZABLE fulfils the Store contract', () => {
    let rolledBack = 0
    const connect = () => {
      const client = connectClient.pg(server.url, { default_transaction_isolation: 'serializable' })
      const query: TestClient['query'] = async (text, params) => {
        try {
          return await client.query(text, params)
        } catch (reason) {
          if ((reason as { code?: unknown }).code === '40001') rolledBack++
          throw reason
        }
      }
      return { ...client, query }
    }
    testContract(async () => [connect(), connect()])
    it('though the server rolled statements back', () => expect(rolledBack).toBeGreaterThan(0))
  })
})

describe.skipIf(pgbouncerIsMissing)(`postgresStore through PgBouncer ${pgbouncerIsMissing || ''}`, () => {
  let server: RunningPostgres
  let pooler: RunningPgbouncer
  beforeAll(async () => {
    server = await startPostgres()
    pooler = await startPgbouncer(server)
  })
  afterAll(async () => {
    await pooler?.stop()
    await server?.stop()
  })

  describe.each(Object.entries(connectClient))('over %s fulfils the Store contract', (_name, connect) => {
    testContract(async () => [connect(pooler.url), connect(pooler.url)])
  })
})
