import type { Store, StoredRecord } from './store.ts'

interface Lease {
  owner: string
  fence: number
  /** In milliseconds of `clock`. */
  until: number
}

/** The options of `memoryStore`. */
export interface MemoryStoreOptions {
  /** Times the leases, in milliseconds; any start will do. Default: `performance.now`. */
  clock?: (() => number) | undefined
}

/** Makes a store in the memory of this process, for the sessions that are given it. */
export function memoryStore({ clock = () => performance.now() }: MemoryStoreOptions = {}): Store {
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
      if (held && held.owner !== owner && held.until > clock()) return undefined
      leases.set(key, { owner, fence: ++fences, until: clock() + ttl })
      return fences
    },
    async release(key, owner, fence) {
      const held = leases.get(key)
      if (held?.owner === owner && held.fence === fence) leases.delete(key)
    },
    watch(key, changed) {
      const known = watchers.get(key) ?? new Set()
      watchers.set(key, known)
      // The same function may be given twice.
      const call = () => changed()
      known.add(call)
      return () => {
        known.delete(call)
        if (known.size === 0) watchers.delete(key)
      }
    },
  }
}
