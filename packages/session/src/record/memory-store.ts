import { checkOptions, functionOption, type OptionValidator } from '@pds/core/internal'
import type { LeaseHolder, Store, StoredRecord } from './store.ts'

/** What a key has. */
interface Entry {
  record?: StoredRecord
  lease?: Lease | undefined
  /** Undefined without watchers: thousands of records may have none. */
  watchers?: Set<() => void> | undefined
  /** When the record was last written, leased or found to be watched, in milliseconds of `clock`. */
  usedAt: number
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
  /**
   * The time that an unused session is kept after its last write or lease, in milliseconds: 2 592 000 000 (30 days) or
   * more, because the record of a sign-out must outlive the longest refresh token. Default: sessions do not expire.
   */
  expireAfter?: number | undefined
}

const minExpireAfter = 2_592_000_000
// So many of the oldest entries are looked at with each write. More than one, so that the store also shrinks.
const maxLooks = 2

/**
 * Creates a store in the memory of this process. The sessions that receive the same store and key share one token.
 *
 * @throws A `PDSError` with code `InvalidParameter` for an unknown or invalid option.
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
  const { clock = () => performance.now(), expireAfter = Number.POSITIVE_INFINITY } = checkOptions(
    'memoryStore',
    options,
    validators,
  )
  /** In the order of their last use. */
  const entries = new Map<string, Entry>()
  let fences = 0

  /** Returns the entry of a key, which counts as used now. */
  function use(key: string): Entry {
    const entry = moveToEnd(key, entries.get(key) ?? { usedAt: 0 })
    for (let looks = 0; looks < maxLooks; looks++) {
      const [[oldestKey, oldest]] = entries as Iterable<[string, Entry]> as [[string, Entry]]
      if (clock() - oldest.usedAt < expireAfter) break
      // A session that is open is in use.
      if (oldest.watchers) moveToEnd(oldestKey, oldest)
      else entries.delete(oldestKey)
    }
    return entry
  }

  function moveToEnd(key: string, entry: Entry): Entry {
    entries.delete(key)
    entries.set(key, entry)
    entry.usedAt = clock()
    return entry
  }

  /** Removes the entry of a key that has nothing, so that keys which were only asked for take no memory. */
  function removeIfEmpty(key: string): void {
    const { record, lease, watchers } = entries.get(key) ?? {}
    if (!record && !lease && !watchers) entries.delete(key)
  }

  function releaseLease(entry: Entry | undefined, { owner, fence }: LeaseHolder): void {
    if (entry?.lease?.owner === owner && entry.lease.fence === fence) entry.lease = undefined
  }

  return {
    scope: 'process',
    async read(key) {
      return entries.get(key)?.record
    },
    async compareAndSet(key, { epoch, data }, expectedRev, release) {
      if ((entries.get(key)?.record?.rev ?? 0) !== expectedRev) return false
      const entry = use(key)
      entry.record = { epoch, data, rev: expectedRev + 1 }
      if (release) releaseLease(entry, release)
      for (const changed of entry.watchers ?? []) queueMicrotask(changed)
      return true
    },
    async lease(key, owner, ttl) {
      const { lease } = entries.get(key) ?? {}
      const taken = clock()
      if (lease && lease.owner !== owner && isHeld(lease, taken)) return undefined
      const entry = use(key)
      entry.lease = { owner, fence: ++fences, taken, ttl }
      return { fence: fences, record: entry.record }
    },
    async release(key, owner, fence) {
      releaseLease(entries.get(key), { owner, fence })
      removeIfEmpty(key)
    },
    watch(key, changed) {
      const entry = use(key)
      entry.watchers ??= new Set()
      // A wrapper per call, because the same function may watch twice.
      const call = () => changed()
      entry.watchers.add(call)
      return () => {
        entry.watchers?.delete(call)
        if (entry.watchers?.size === 0) entry.watchers = undefined
        removeIfEmpty(key)
      }
    },
    isWatching: () => true,
    async *list() {
      // A copy, because the caller may write a listed record, which moves its entry.
      for (const [key, { record }] of [...entries]) if (record) yield key
    },
  }
}

const validators: Readonly<Record<keyof MemoryStoreOptions, OptionValidator>> = {
  clock: functionOption,
  expireAfter: {
    // Not a template, which bundlers would keep in pages that do not use the store.
    wants:
      'an integer from 2592000000 (30 days in milliseconds): a sign-out must outlive every refresh token',
    accepts: (value) => Number.isSafeInteger(value) && (value as number) >= minExpireAfter,
  },
}

// A lease that was taken more than this in the future was taken before the clock was set back. In milliseconds.
const clockTolerance = 1000

function isHeld({ taken, ttl }: Lease, now: number): boolean {
  return now < taken + ttl && now >= taken - clockTolerance
}
