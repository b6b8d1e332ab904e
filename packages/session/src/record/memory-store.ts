import { checkOptions, functionOption } from '@pds/core/internal'
import type { Store, StoredRecord } from './store.ts'

interface Lease {
  owner: string
  fence: number
  /** When the lease expires, in milliseconds of `clock`. */
  expiresAt: number
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

  return {
    scope: 'process',
    async read(key) {
      return records.get(key)
    },
    async compareAndSet(key, { epoch, data }, expectedRev) {
      if ((records.get(key)?.rev ?? 0) !== expectedRev) return false
      records.set(key, Object.freeze({ epoch, data, rev: expectedRev + 1 }))
      for (const changed of [...(watchers.get(key) ?? [])]) queueMicrotask(changed)
      return true
    },
    async lease(key, owner, ttl) {
      const held = leases.get(key)
      if (held && held.owner !== owner && held.expiresAt > clock()) return undefined
      leases.set(key, { owner, fence: ++fences, expiresAt: clock() + ttl })
      return fences
    },
    async release(key, owner, fence) {
      const held = leases.get(key)
      if (held?.owner === owner && held.fence === fence) leases.delete(key)
    },
    watch(key, changed) {
      const watchersOfKey = watchers.get(key) ?? new Set()
      watchers.set(key, watchersOfKey)
      // A wrapper per call, because the same function may watch twice.
      const call = () => changed()
      watchersOfKey.add(call)
      return () => {
        watchersOfKey.delete(call)
        if (watchersOfKey.size === 0) watchers.delete(key)
      }
    },
  }
}
