import { PGlite } from '@electric-sql/pglite'
import type { PostgresListen, PostgresQuery } from '@pds/session-postgres'
import { Client, Pool } from 'pg'
import postgres from 'postgres'

/** A client of a library, in the forms that the store takes. */
export interface TestClient {
  readonly query: PostgresQuery
  readonly listen: PostgresListen
  close(): Promise<unknown>
}

/** Connects a pool of each library. `settings` are set in each connection. */
export const connectClient: Readonly<
  Record<'pg' | 'postgres', (url: string, settings?: Settings) => TestClient>
> = {
  pg(url, settings = {}) {
    const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)
    const pool = new Pool({ connectionString: url, options: options.join(' ') })
    // A pool reports unused connections that broke, and replaces them.
    pool.on('error', () => undefined)
    return {
      query: (text, params) => pool.query(text, params),
      async listen(channel, { heard, lost }) {
        const client = new Client({ connectionString: url })
        client.on('notification', ({ payload }) => heard(payload))
        client.on('error', lost).on('end', lost)
        await client.connect()
        await client.query(`LISTEN ${channel}`)
        return () => client.end()
      },
      close: () => pool.end(),
    }
  },
  postgres(url, settings = {}) {
    const sql = postgres(url, {
      connection: { ...settings },
      backoff: () => 0.01,
      fetch_types: false,
      onnotice: () => undefined,
    })
    return {
      query: (text, params) => sql.unsafe(text, params),
      async listen(channel, { heard, subscribed }) {
        const { unlisten } = await sql.listen(channel, heard, subscribed)
        return unlisten
      },
      close: () => sql.end({ timeout: 0 }),
    }
  },
}

type Settings = Readonly<Record<string, string>>

/** Starts PostgreSQL in this process. */
export async function openPglite(): Promise<TestClient> {
  const pglite = await PGlite.create()
  return {
    query: (text, params) => pglite.query(text, params),
    listen: (channel, { heard }) => pglite.listen(channel, heard),
    close: () => pglite.close(),
  }
}
