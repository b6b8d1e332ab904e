import { PGlite } from '@electric-sql/pglite'
import type { Store } from '@pds/session'
import {
  type PostgresListen,
  type PostgresQuery,
  type PostgresStore,
  type PostgresStoreOptions,
  postgresStore,
} from '@pds/session-postgres'
import { Client, Pool, type PoolClient } from 'pg'
import postgres from 'postgres'
import { expectTypeOf, it } from 'vitest'

const listen = async () => () => undefined

it('accepts the clients of pg', () => {
  const pool = new Pool()
  expectTypeOf(
    postgresStore({ query: (text, params) => pool.query(text, params) }),
  ).toEqualTypeOf<PostgresStore>()
  const client = new Client()
  postgresStore({ query: (text, params) => client.query(text, params) })
  const query =
    (pooled: PoolClient): PostgresQuery =>
    (text, params) =>
      pooled.query(text, params)
  expectTypeOf(query).toBeFunction()
  postgresStore({
    query: (text, params) => pool.query(text, params),
    async listen(channel, { heard, lost }) {
      client.on('notification', ({ payload }) => heard(payload))
      client.on('error', lost).on('end', lost)
      await client.connect()
      await client.query(`LISTEN ${channel}`)
      return () => client.end()
    },
  })
})

it('accepts the client of postgres', () => {
  const sql = postgres()
  const store = postgresStore({
    query: (text, params) => sql.unsafe(text, params),
    async listen(channel, { heard, subscribed }) {
      const { unlisten } = await sql.listen(channel, heard, subscribed)
      return unlisten
    },
  })
  expectTypeOf(store).toEqualTypeOf<PostgresStore>()
})

it('accepts PGlite', () => {
  const pglite = new PGlite()
  const store = postgresStore({
    query: (text, params) => pglite.query(text, params),
    listen: (channel, { heard }) => pglite.listen(channel, heard),
  })
  expectTypeOf(store).toEqualTypeOf<PostgresStore>()
})

it('rejects a client, and a function that returns no rows', () => {
  expectTypeOf<Pool>().not.toExtend<PostgresQuery>()
  expectTypeOf<() => Promise<number>>().not.toExtend<PostgresQuery>()
  expectTypeOf<() => void>().not.toExtend<PostgresListen>()
})

it('requires only query', () => {
  expectTypeOf<{ query: PostgresQuery }>().toExtend<PostgresStoreOptions>()
  expectTypeOf<{ table: string }>().not.toExtend<PostgresStoreOptions>()
  expectTypeOf<PostgresStore>().toExtend<Store>()
  postgresStore({ query: async () => [], listen })
})
