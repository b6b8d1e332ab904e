import { checkOptions, functionOption } from '@pds/core/internal'
import type { LeaseHolder, Store, StoredRecord } from './store.ts'

/** What a key has. */
interface Entry {
  record?: StoredRecord
  lease?: Lease | undefined
  readonly watchers: Set<() => void>
}

interface Lease extends LeaseHolder {
  /** When the lease was taken, in milliseconds of `clock`. */
  taken: number
  /** The duration of the lease, in milliseconds. */
  ttl: number
}

/** The options of `memoryStore`. */
export interface MemoryStoreOptions {
  /** The clock that measures leases, in milliseconds from any starting point. Default: `performance.now`. */
  clock?: (() => number) | undefined
}

/**
 * Creates a store in the memory of this process. The sessions that receive the same store and key share one token.
 *
 * @example
 * ```ts
 * import { createSession, memoryStore } from '@pds/session'
 * import type { Grant } from '@pds/types'
 *
 * const store = memoryStore()
 * export const openSession = (user_id: string, grant: Grant) => createSession({ key: user_id, grant, store })
 * ```
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const { clock = () => performance.now() } = checkOptions('memoryStore', options, { clock: functionOption })
  const entries = new Map<string, Entry>()
  let fences = 0

  function entryOf(key: string): Entry {
    const entry = entries.get(key) ?? { watchers: new Set() }
    entries.set(key, entry)
    return entry
  }

  /** Removes the entry of a key that has nothing, so that keys which were only asked for take no memory. */
  function removeIfEmpty(key: string): void {
    const { record, lease, watchers } = entryOf(key)
    if (!record && !lease && watchers.size === 0) entries.delete(key)
  }

  function releaseLease(entry: Entry, { owner, fence }: LeaseHolder): void {
    if (entry.lease?.owner === owner && entry.lease.fence === fence) entry.lease = undefined
  }

  return {
    scope: 'process',
    async read(key) {
      return entries.get(key)?.record
    },
    async compareAndSet(key, { epoch, data }, expectedRev, release) {
      const entry = entryOf(key)
      if ((entry.record?.rev ?? 0) !== expectedRev) {
        removeIfEmpty(key)
        return false
      }
      entry.record = { epoch, data, rev: expectedRev + 1 }
      if (release) releaseLease(entry, release)
      for (const changed of entry.watchers) queueMicrotask(changed)
      return true
    },
    async lease(key, owner, ttl) {
      const entry = entryOf(key)
      const taken = clock()
      if (entry.lease && entry.lease.owner !== owner && isHeld(entry.lease, taken)) return undefined
      entry.lease = { owner, fence: ++fences, taken, ttl }
      return { fence: fences, record: entry.record }
    },
    async release(key, owner, fence) {
      releaseLease(entryOf(key), { owner, fence })
      removeIfEmpty(key)
    },
    watch(key, changed) {
      const { watchers } = entryOf(key)
      // A wrapper per call, because the same function may watch twice.
      const call = () => changed()
      watchers.add(call)
      return () => {
        watchers.delete(call)
        removeIfEmpty(key)
      }
    },
    isWatching: () => true,
    async *list() {
      for (const [key, { record }] of entries) if (record) yield key
    },
  }
}

// A lease that was taken more than this in the future was taken before the clock was set back. In milliseconds.
const clockTolerance = 1000

function isHeld({ taken, ttl }: Lease, now: number): boolean {
  return now < taken + ttl && now >= taken - clockTolerance
}
