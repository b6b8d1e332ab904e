import { invalidParameter } from '@pds/core/internal'
import { recordKey, SessionRecord, toStoreFailed } from '../record/session-record.ts'
import { GrantClock } from '../session/session-clock.ts'
import { maxStoreTimeout } from '../session/session-engine.ts'
import type { CheckedOptions } from '../session/session-options.ts'
import { createStatus } from '../session/session-status.ts'
import type { SessionPool } from './session-pool.ts'
import type { SessionEntry } from './sessions.ts'

// The number of records that are read at a time.
const batchSize = 32

/** Reads the records of a pool; see `Sessions.entries`. */
export async function* listEntries(pool: SessionPool): AsyncGenerator<SessionEntry, void, undefined> {
  pool.assertOpen()
  const { store } = pool.options.shared
  if (!store.list) throw invalidParameter('entries: the store cannot list its records')
  let batch: string[] = []
  try {
    for await (const stored of store.list()) {
      batch.push(stored)
      if (batch.length < batchSize) continue
      yield* await readEntries(pool, batch)
      batch = []
    }
    yield* await readEntries(pool, batch)
  } catch (error) {
    throw toStoreFailed(error, [])
  }
}

async function readEntries(pool: SessionPool, keys: readonly string[]): Promise<SessionEntry[]> {
  const entries = await Promise.all(keys.map((stored) => readEntry(pool, stored)))
  return entries.filter((entry) => entry !== undefined)
}

/** Reads a record. Returns undefined if it belongs to another pool or application. */
async function readEntry(pool: SessionPool, stored: string): Promise<SessionEntry | undefined> {
  const key = stored.slice(0, stored.lastIndexOf('#'))
  const options = key && optionsOf(pool, key)
  if (!options) return undefined
  const { grant, identity = grant } = options
  if ((await recordKey({ key, identity })) !== stored) return undefined
  const { store } = pool.options.shared
  const clock = new GrantClock(options.clock, grant)
  const snapshot = await new SessionRecord({ store, key, identity }, clock, maxStoreTimeout).read()
  const canObtain = typeof grant.obtain === 'function'
  // The record may have been removed since.
  return snapshot.rev === 0
    ? undefined
    : { key, state: createStatus(snapshot, canObtain, undefined, undefined) }
}

/** The function `grant` may throw for a key of another application. */
function optionsOf(pool: SessionPool, key: string): CheckedOptions | undefined {
  try {
    return pool.sessionOptions(key)
  } catch {
    return undefined
  }
}
