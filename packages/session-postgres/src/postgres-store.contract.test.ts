import { afterAll, beforeAll, describe } from 'vitest'
import { connectClient } from './clients.test-helper.ts'
import {
  pgbouncerIsMissing,
  postgresIsMissing,
  type RunningPgbouncer,
  type RunningPostgres,
  startPgbouncer,
  startPostgres,
} from './start-postgres.test-helper.ts'
import { testContract } from './test-contract.test-helper.ts'

describe.skipIf(postgresIsMissing)(`postgresStore over a server ${postgresIsMissing || ''}`, () => {
  let server: RunningPostgres
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.stop())

  describe.each(Object.entries(connectClient))('over %s fulfils the Store contract', (_name, connect) => {
    testContract(() => connect(server.url))
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

  describe('over pg fulfils the Store contract', () => {
    testContract(() => connectClient.pg(pooler.url))
  })
})
