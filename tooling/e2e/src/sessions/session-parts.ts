import { jwtGrant } from '@pds/auth-jwt'
import { oauthGrant } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import type { Store } from '@pds/session'
import type { PostgresListen, PostgresQuery } from '@pds/session-postgres'
import type { NodeRedisClient, NodeRedisSubscriber, RedisClient, RedisSubscriber } from '@pds/session-redis'
import type { Grant } from '@pds/types'
import type { OpenOptions } from './orders.ts'

/*
 * Creates the parts of a session, in the process of a test and in the processes that it starts. Stores are loaded on
 * demand, because loading all of them took most of the start of a process.
 */

/** Creates the grant of an application: a JWT grant if it has a private key. */
export function makeGrant({ api_endpoint, domain_id, app, limits }: OpenOptions): Grant {
  // The session alone decides about retries.
  const transport = createTransport({ api_endpoint, retryCount: 0, timeout: limits?.requestTimeout })
  const { client_id, client_secret, private_key_pem } = app
  if (private_key_pem !== undefined) {
    return jwtGrant({ transport, domain_id, client_id, private_key_pem, user_id: 'user-1' })
  }
  return oauthGrant({ transport, client_id, client_secret, redirect_uri: 'http://127.0.0.1:3000/callback' })
}

/** A store and the function that closes its connection. */
export interface OpenStore {
  store: Store
  close(): unknown
}

/** Opens a store of the given type. */
export async function openStore({ type, place, subscriber }: OpenOptions['store']): Promise<OpenStore> {
  if (type === 'sqlite') {
    const { sqliteStore } = await import('@pds/session-sqlite')
    const store = sqliteStore({ path: place })
    return { store, close: () => store.close() }
  }
  if (type === 'pg' || type === 'postgres') {
    const { postgresStore } = await import('@pds/session-postgres')
    const { query, listen, end } = await (type === 'pg' ? connectPg : connectPostgres)(place)
    const store = postgresStore({ query, listen: subscriber ? listen : undefined })
    return { store, close: async () => [await store.close(), await end()] }
  }
  const { redisStore } = await import('@pds/session-redis')
  if (type === '@upstash/redis') {
    const { Redis } = await import('@upstash/redis')
    const { origin: url, username: token } = new URL(place)
    return { store: redisStore({ client: new Redis({ url, token }) }), close: () => undefined }
  }
  const connect = type === 'redis' ? connectNodeRedis : connectIORedis
  const clients = [await connect(place)]
  if (subscriber) clients.push(await connect(place))
  const [client, second] = clients.map((each) => each.client)
  return {
    store: redisStore({ client: client as RedisConnection, subscriber: second }),
    close: () => Promise.all(clients.map((each) => each.close())),
  }
}

type RedisConnection = RedisClient & RedisSubscriber

async function connectIORedis(url: string): Promise<{ client: RedisConnection; close(): unknown }> {
  const { Redis } = await import('ioredis')
  const client = new Redis(url).on('error', () => undefined)
  return { client, close: () => client.quit() }
}

async function connectNodeRedis(url: string): Promise<{ client: RedisConnection; close(): unknown }> {
  const { createClient } = await import('redis')
  const client = createClient({ url })
  // Without a listener, a lost connection is an uncaught error. Calls reject with or without it.
  client.on('error', () => undefined)
  await client.connect()
  const typed: NodeRedisClient & NodeRedisSubscriber = client
  return { client: typed, close: () => client.close() }
}

interface PostgresConnection {
  query: PostgresQuery
  listen: PostgresListen
  end(): Promise<unknown>
}

async function connectPg(url: string): Promise<PostgresConnection> {
  const { Client, Pool } = await import('pg')
  // A pool reports unused connections that broke, and replaces them.
  const pool = new Pool({ connectionString: url }).on('error', () => undefined)
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
    end: () => pool.end(),
  }
}

async function connectPostgres(url: string): Promise<PostgresConnection> {
  const { default: postgres } = await import('postgres')
  // postgres 3.4.9 prints the notices of the server, and ends the process if a connection breaks while it loads types
  // (https://github.com/porsager/postgres/issues/1192).
  const sql = postgres(url, { onnotice: () => undefined, fetch_types: false })
  return {
    query: (text, params) => sql.unsafe(text, params),
    async listen(channel, { heard, subscribed }) {
      const { unlisten } = await sql.listen(channel, heard, subscribed)
      return unlisten
    },
    // Without a timeout, it waits forever after a connection broke (https://github.com/porsager/postgres/issues/1097).
    end: () => sql.end({ timeout: 0 }),
  }
}
