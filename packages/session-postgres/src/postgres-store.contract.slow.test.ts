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
import { testContract } from './test-contract.test-helper.ts'

describe.skipIf(postgresIsMissing).each(['repeatable read', 'serializable'])(
  `postgresStore at the isolation level %s ${postgresIsMissing || ''}`,
  (level) => {
    let server: RunningPostgres
    let rolledBack = 0
    beforeAll(async () => {
      server = await startPostgres(`default_transaction_isolation=${level}`)
    })
    afterAll(() => server?.stop())

    describe('fulfils the Store contract', () => {
      testContract(() => {
        const client = connectClient.pg(server.url)
        const query: TestClient['query'] = async (text, params) => {
          try {
            return await client.query(text, params)
          } catch (reason) {
            if ((reason as { code?: unknown }).code === '40001') rolledBack++
            throw reason
          }
        }
        return { ...client, query }
      })
    })

    it('runs the statements again that the server rolls back', () => {
      expect(rolledBack).toBeGreaterThan(0)
    })
  },
)

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

  describe('over postgres fulfils the Store contract', () => {
    testContract(() => connectClient.postgres(pooler.url))
  })
})
