import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { memoryStore, type Store } from '@pds/session'
import { postgresStore } from '@pds/session-postgres'
import { redisStore } from '@pds/session-redis'
import { sqliteStore } from '@pds/session-sqlite'
import { Redis } from 'ioredis'
import { Pool } from 'pg'
import {
  postgresIsMissing,
  startPostgres,
} from '../../../../packages/session-postgres/src/start-postgres.test-helper.ts'
import { redisIsMissing, startRedis } from '../../../../packages/session-redis/src/start-redis.test-helper.ts'
import type { StoreName } from '../harness/benchmark.ts'

/** A backend for a store. */
export interface StoreBackend {
  name: StoreName
  /** The path of a file, a URL, or empty for memory. */
  location: string
  packages: readonly string[]
}

/** The backends on this machine that processes can share. `close` removes them. */
export interface StoreBackends {
  backends: readonly StoreBackend[]
  close(): Promise<void>
}

/** The backend of a `memoryStore`, which processes cannot share. */
export const memoryBackend: StoreBackend = { name: 'memory', location: '', packages: [] }

/**
 * Creates a folder for a SQLite file, and starts the servers of Redis and PostgreSQL. If a server is not installed, it
 * prints that the benchmarks omit it.
 */
export async function startStoreBackends(): Promise<StoreBackends> {
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-bench-'))
  const backends: StoreBackend[] = [
    { name: 'SQLite', location: path.join(folder, 'sessions.db'), packages: ['@pds/session-sqlite'] },
  ]
  if (redisIsMissing) process.stderr.write(`the benchmarks omit Redis: ${redisIsMissing}\n`)
  const redis = redisIsMissing ? undefined : await startRedis()
  if (redis) {
    backends.push({ name: 'Redis', location: redis.url, packages: ['@pds/session-redis', 'ioredis'] })
  }
  if (postgresIsMissing) process.stderr.write(`the benchmarks omit PostgreSQL: ${postgresIsMissing}\n`)
  const postgres = postgresIsMissing ? undefined : await startPostgres()
  if (postgres) {
    const packages = ['@pds/session-postgres', 'pg']
    const backend: StoreBackend = { name: 'PostgreSQL', location: postgres.url, packages }
    await createTable(backend)
    backends.push(backend)
  }
  return {
    backends,
    async close() {
      await redis?.stop()
      await postgres?.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A store, and a function that closes it with its connections. */
export interface OpenStore {
  store: Store
  close(): unknown
}

/** Opens a store on a backend. */
export function openStore({ name, location }: StoreBackend): OpenStore {
  switch (name) {
    case 'memory':
      return { store: memoryStore(), close: () => undefined }
    case 'SQLite': {
      const store = sqliteStore({ path: location })
      return { store, close: () => store.close() }
    }
    case 'Redis': {
      // No retries: without its server, the benchmark would measure something else.
      const client = new Redis(location, { retryStrategy: () => null })
      const fail = () => {
        throw new Error('redis-server ended during the benchmark')
      }
      client.once('end', fail)
      return { store: redisStore({ client }), close: () => client.off('end', fail).quit() }
    }
    case 'PostgreSQL':
      return openPostgres(location)
  }
}

function openPostgres(connectionString: string) {
  const pool = new Pool({ connectionString })
  const store = postgresStore({ query: (text, params) => pool.query(text, params) })
  return { pool, store, close: () => pool.end() }
}

async function createTable({ location }: StoreBackend): Promise<void> {
  const { store, close } = openPostgres(location)
  await store.migrate()
  await close()
}

/** Removes all records of a backend. Returns the empty one: for SQLite another file, in a folder of the caller. */
export async function emptyBackend(backend: StoreBackend, folder: string): Promise<StoreBackend> {
  switch (backend.name) {
    case 'memory':
      return backend
    case 'SQLite':
      return { ...backend, location: path.join(folder, 'sessions.db') }
    case 'Redis': {
      const client = new Redis(backend.location)
      await client.flushall()
      await client.quit()
      return backend
    }
    case 'PostgreSQL': {
      const { pool, close } = openPostgres(backend.location)
      await pool.query('TRUNCATE pds_sessions')
      await close()
      return backend
    }
  }
}
