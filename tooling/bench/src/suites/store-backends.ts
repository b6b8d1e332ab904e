import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Store } from '@pds/session'
import { redisStore } from '@pds/session-redis'
import { sqliteStore } from '@pds/session-sqlite'
import { Redis } from 'ioredis'
import { redisIsMissing, startRedis } from '../../../../packages/session-redis/src/start-redis.test-helper.ts'

/** A store that processes can share. */
export interface SharedPlace {
  name: 'SQLite' | 'Redis'
  /** A file or a URL. */
  place: string
  packages: readonly string[]
}

/** Places for stores on this machine, and what removes them. */
export interface SharedPlaces {
  places: readonly SharedPlace[]
  close(): Promise<void>
}

/** Makes a folder for a SQLite file, and starts a Redis where there is one: else it says that there is none. */
export async function openPlaces(): Promise<SharedPlaces> {
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-bench-'))
  const places: SharedPlace[] = [
    { name: 'SQLite', place: path.join(folder, 'sessions.db'), packages: ['@pds/session-sqlite'] },
  ]
  if (redisIsMissing) process.stderr.write(`nothing is measured on Redis: ${redisIsMissing}\n`)
  const redis = redisIsMissing ? undefined : await startRedis()
  if (redis) places.push({ name: 'Redis', place: redis.url, packages: ['@pds/session-redis', 'ioredis'] })
  return {
    places,
    async close() {
      await redis?.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Opens a store at its place. */
export function openStore({ name, place }: SharedPlace): { store: Store; close(): unknown } {
  if (name === 'SQLite') {
    const store = sqliteStore({ path: place })
    return { store, close: () => store.close() }
  }
  // There is no other server to wait for where this one has ended: without it something else would be measured.
  const client = new Redis(place, { retryStrategy: () => null })
  const fail = () => {
    throw new Error('redis-server has ended while it was needed')
  }
  client.once('end', fail)
  const close = () => client.off('end', fail).quit()
  return { store: redisStore({ client }), close }
}
