import type { StoreLease } from '@pds/session'
import { holdLock, idOf } from './backend.ts'

// How long a lease waits for its Web Lock, in milliseconds. A suspended tab delays other tabs by this time at most.
const lockTimeout = 1000
// The longest delay of a timer. A longer delay would fire immediately.
const maxTimerDelay = 2_147_483_647

/** A Web Lock that this page holds for the owner of a lease. */
interface HeldLock {
  readonly free: () => void
  /** The number of `lease` calls in progress that use the lock. */
  calls: number
  /** The fencing token of the last lease that was taken under the lock. */
  fence?: number
  timer?: ReturnType<typeof setTimeout>
}

/** The Web Locks under which leases are taken. */
export interface LeaseLocks {
  /**
   * Waits for the lock of a key, then calls `takeLease` with whether this page holds the lock. If `takeLease` returns a
   * lease, the lock is held for `ttl` milliseconds or until `release`.
   */
  lease(
    key: string,
    owner: string,
    ttl: number,
    takeLease: (hasLock: boolean) => Promise<StoreLease | undefined>,
  ): Promise<StoreLease | undefined>
  /** Releases the lock of a lease that its owner releases. */
  release(key: string, owner: string, fence: number): void
  /** Returns whether the page that took leases as this owner is closed or hidden for good. */
  isOwnerGone(owner: string): Promise<boolean>
  /** Releases all locks. */
  close(): void
}

/**
 * Creates the locks that let tabs queue for a lease instead of polling. They also show that an owner is gone, because the
 * browser frees the locks of a closed tab. The lease itself is the row.
 *
 * A row that was taken under the lock says so. The next holder of the lock takes over such a row, because the lock is
 * only freed
 * - by `release`: its owner no longer relies on the lease, even if the row could not be updated;
 * - after `ttl`, counted from the write of the row. Owners count from before their call, by a clock that is no slower
 *   than timers, so the lease has expired for them too;
 * - after a failed attempt of an owner that had no lease: the owner does not rely on the lease, even if the row was
 *   written;
 * - by `close`, or with the page. A page that is hidden for good or enters the back/forward cache frees its locks at
 *   once, and grants no lease that it was taking meanwhile.
 *
 * A lock that is held too long, for example because of a late timer, is harmless: other tabs wait for a second, then take
 * the row if its lease has expired. They do so without the lock, and their row says so, so no other tab takes it over.
 */
export function createLeaseLocks(name: string): LeaseLocks {
  /** The locks by key and owner. */
  const heldLocks = new Map<string, HeldLock>()
  /** For each owner that has taken a lease, the lock that shows that its page is present. */
  const ownerLocks = new Map<string, Promise<() => void>>()
  const ownerLockOf = (owner: string) => idOf(name, 'owner', owner)

  async function request(key: string, id: string): Promise<HeldLock | undefined> {
    const timeout = new AbortController()
    const timer = setTimeout(() => timeout.abort(), lockTimeout)
    try {
      const free = await holdLock(idOf(name, 'lease', key), { signal: timeout.signal })
      const lock = { free, calls: 0 }
      heldLocks.set(id, lock)
      return lock
    } catch {
      // Another page holds the lock, or there are no Web Locks.
      return undefined
    } finally {
      clearTimeout(timer)
    }
  }

  function holdOwnerLock(owner: string): Promise<() => void> {
    let lock = ownerLocks.get(owner)
    if (!lock) {
      // Shared, because an owner may use several stores of a page.
      lock = holdLock(ownerLockOf(owner), { mode: 'shared' }).catch(() => () => undefined)
      ownerLocks.set(owner, lock)
      globalThis.addEventListener?.('pagehide', freeAll)
    }
    return lock
  }

  function freeLock(id: string, lock: HeldLock): void {
    clearTimeout(lock.timer)
    if (heldLocks.get(id) === lock) heldLocks.delete(id)
    lock.free()
  }

  function freeAll(): void {
    globalThis.removeEventListener?.('pagehide', freeAll)
    for (const [id, lock] of heldLocks) freeLock(id, lock)
    for (const lock of ownerLocks.values()) lock.then((free) => free())
    ownerLocks.clear()
  }

  return {
    async lease(key, owner, ttl, takeLease) {
      const ownerLock = holdOwnerLock(owner)
      const take = async (hasLock: boolean) => {
        await ownerLock
        const lease = await takeLease(hasLock)
        // After `pagehide`, the locks of this page no longer protect the lease.
        return ownerLocks.get(owner) === ownerLock ? lease : undefined
      }
      const id = idOf(key, owner)
      const lock = heldLocks.get(id) ?? (await request(key, id)) ?? heldLocks.get(id)
      if (!lock) return take(false)
      lock.calls++
      // The new lease may last longer.
      clearTimeout(lock.timer)
      let time = 0
      try {
        const lease = await take(true)
        if (lease) {
          lock.fence = lease.fence
          time = ttl
        }
        return lease
      } catch (error) {
        // The owner may still rely on its previous lease.
        if (lock.fence !== undefined) time = ttl
        throw error
      } finally {
        lock.calls--
        // The last call decides, because it has seen the results of the others.
        if (lock.calls === 0 && time > 0) {
          lock.timer = setTimeout(() => freeLock(id, lock), Math.min(time, maxTimerDelay))
        } else if (lock.calls === 0) freeLock(id, lock)
      }
    },
    release(key, owner, fence) {
      const id = idOf(key, owner)
      const lock = heldLocks.get(id)
      if (lock?.fence === fence && lock.calls === 0) freeLock(id, lock)
    },
    async isOwnerGone(owner) {
      try {
        const { held = [] } = await navigator.locks.query()
        return held.every((lock) => lock.name !== ownerLockOf(owner))
      } catch {
        // There are no Web Locks.
        return false
      }
    },
    close: freeAll,
  }
}
