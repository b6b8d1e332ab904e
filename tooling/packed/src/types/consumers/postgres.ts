/* Passes each client of PostgreSQL to the store. It is compiled, but does not run. */
import { PGlite } from '@electric-sql/pglite'
import type { Store } from '@pds/session'
import { postgresStore } from '@pds/session-postgres'
import { Client, Pool } from 'pg'
import postgres from 'postgres'

const pool = new Pool()
const client = new Client()
const sql = postgres()
const pglite = new PGlite()

export const stores: Store[] = [
  postgresStore({
    query: (text, params) => pool.query(text, params),
    async listen(channel, { heard, lost }) {
      client.on('notification', ({ payload }) => heard(payload))
      client.on('error', lost).on('end', lost)
      await client.query(`LISTEN ${channel}`)
      return () => client.end()
    },
  }),
  postgresStore({
    query: (text, params) => sql.unsafe(text, params),
    async listen(channel, { heard, subscribed }) {
      const { unlisten } = await sql.listen(channel, heard, subscribed)
      return unlisten
    },
  }),
  postgresStore({
    query: (text, params) => pglite.query(text, params),
    listen: (channel, { heard }) => pglite.listen(channel, heard),
  }),
]
