import { storeTests } from '@pds/session/testing'
import { postgresStore } from '@pds/session-postgres'
import { afterAll, beforeAll, it } from 'vitest'
import type { TestClient } from './clients.test-helper.ts'

/** Defines the tests of the store contract for stores over two clients, which share a table. */
export function testContract(connect: () => TestClient): void {
  const clients: TestClient[] = []
  let opened = 0
  beforeAll(async () => {
    clients.push(connect(), connect())
    await postgresStore({ query: (clients[0] as TestClient).query }).migrate()
  })
  afterAll(() => Promise.all(clients.map((client) => client.close())))

  const open = () => postgresStore({ query: (clients[opened++ % clients.length] as TestClient).query })
  it.each(storeTests(open))('$name', ({ run }) => run())
}
