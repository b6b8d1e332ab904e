import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Store } from '@pds/session'
import { redisStore } from '@pds/session-redis'
import { sqliteStore } from '@pds/session-sqlite'
import { Redis } from 'ioredis'
import { redisIsMissing, startRedis } from '../../../../packages/session-redis/src/start-redis.test-helper.ts'

/** A backend for a store that processes can share. */
export interface StoreBackend {
  name: 'SQLite' | 'Redis'
  /** The path of a file, or a URL. */
  location: string
  packages: readonly string[]
}

/** The backends on this machine. `close` removes them. */
export interface StoreBackends {
  backends: readonly StoreBackend[]
  close(): Promise<void>
}

/** Creates a folder for a SQLite file, and starts a Redis server. Without redis-server, it prints that Redis is omitted. */
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
  return {
    backends,
    async close() {
      await redis?.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Opens a store on a backend. */
export function openStore({ name, location }: StoreBackend): { store: Store; close(): unknown } {
  if (name === 'SQLite') {
    const store = sqliteStore({ path: location })
    return { store, close: () => store.close() }
  }
  // No retries: without its server, the benchmark would measure something else.
  const client = new Redis(location, { retryStrategy: () => null })
  const fail = () => {
    throw new Error('redis-server ended during the benchmark')
  }
  client.once('end', fail)
  const close = () => client.off('end', fail).quit()
  return { store: redisStore({ client }), close }
}
