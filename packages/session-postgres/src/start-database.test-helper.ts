import type { PostgresQuery } from '@pds/session-postgres'
import { connectClient, openPglite } from './clients.test-helper.ts'
import { postgresIsMissing, startPostgres } from './start-postgres.test-helper.ts'

/** An empty database. */
export interface TestDatabase {
  readonly query: PostgresQuery
  /** Runs a statement and returns its rows. */
  rows(text: string, params?: string[]): Promise<Record<string, unknown>[]>
  stop(): Promise<void>
}

/** Starts a database: a server, or PGlite, which starts slowly, if no server is installed. */
export async function startDatabase(): Promise<TestDatabase> {
  const server = postgresIsMissing ? undefined : await startPostgres()
  const client = server ? connectClient.pg(server.url) : await openPglite()
  return {
    query: client.query,
    async rows(text, params = []) {
      const result = await client.query(text, params)
      return ('rows' in result ? result.rows : result) as Record<string, unknown>[]
    },
    async stop() {
      await client.close()
      await server?.stop()
    },
  }
}
