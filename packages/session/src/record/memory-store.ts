import { checkOptions, functionOption } from '@pds/core/internal'
import type { Store, StoredRecord } from './store.ts'

interface Lease {
  owner: string
  fence: number
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
  const records = new Map<string, StoredRecord>()
  const leases = new Map<string, Lease>()
  const watchers = new Map<string, Set<() => void>>()
  let fences = 0

  function releaseLease(key: string, owner: string, fence: number): void {
    const held = leases.get(key)
    if (held?.owner === owner && held.fence === fence) leases.delete(key)
  }

  return {
    scope: 'process',
    async read(key) {
      return records.get(key)
    },
    async compareAndSet(key, { epoch, data }, expectedRev, release) {
      if ((records.get(key)?.rev ?? 0) !== expectedRev) return false
      records.set(key, Object.freeze({ epoch, data, rev: expectedRev + 1 }))
      if (release) releaseLease(key, release.owner, release.fence)
      for (const changed of [...(watchers.get(key) ?? [])]) queueMicrotask(changed)
      return true
    },
    async lease(key, owner, ttl) {
      const held = leases.get(key)
      const taken = clock()
      if (held && held.owner !== owner && isHeld(held, taken)) return undefined
      leases.set(key, { owner, fence: ++fences, taken, ttl })
      return { fence: fences, record: records.get(key) }
    },
    async release(key, owner, fence) {
      releaseLease(key, owner, fence)
    },
    watch(key, changed) {
      const watchersOfKey = watchers.get(key) ?? new Set()
      watchers.set(key, watchersOfKey)
      // A wrapper per call, because the same function may watch twice.
      const call = () => changed()
      watchersOfKey.add(call)
      return () => {
        watchersOfKey.delete(call)
        // A second call must not remove the watchers that were added since.
        if (watchersOfKey.size === 0 && watchers.get(key) === watchersOfKey) watchers.delete(key)
      }
    },
    isWatching: () => true,
  }
}

// A lease that was taken more than this in the future was taken before the clock was set back. In milliseconds.
const clockTolerance = 1000

function isHeld({ taken, ttl }: Lease, now: number): boolean {
  return now < taken + ttl && now >= taken - clockTolerance
}
