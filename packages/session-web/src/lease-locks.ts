import { listen, maxTimerDelay } from '@pds/core/internal'
import type { LeaseHolder, StoreLease } from '@pds/session'
import { heldLocks, holdLock, idOf } from './browser.ts'

// How long a lease waits for its Web Lock, in milliseconds. A suspended tab delays other tabs by this time at most.
const lockTimeout = 1000

/** A Web Lock that this page requested for an owner. */
interface Lock {
  /** Frees the lock. Undefined if another page holds the lock for too long, or there are no Web Locks. */
  readonly held: Promise<(() => void) | undefined>
  /** The number of `lease` calls in progress that use the lock. */
  calls: number
  /** The fencing token of the lease that the owner has taken with the lock. */
  fence?: number | undefined
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
  release(key: string, holder: LeaseHolder): void
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
  /** The locks of owners, by name, and the locks of leases, by key and owner. */
  const locks = new Map<string, Lock>()
  let stopListening: (() => void) | undefined
  const ownerLockOf = (owner: string) => idOf(name, 'owner', owner)

  function lockOf(id: string, lockName: string, mode: LockMode, timeout?: number): Lock {
    let lock = locks.get(id)
    if (!lock) {
      lock = { held: holdLock(lockName, mode, timeout).catch(() => undefined), calls: 0 }
      locks.set(id, lock)
      stopListening ??= listen('pagehide', freeAll)
    }
    return lock
  }

  function freeLock(id: string, lock: Lock): void {
    clearTimeout(lock.timer)
    if (locks.get(id) === lock) locks.delete(id)
    lock.held.then((free) => free?.())
  }

  function freeAll(): void {
    stopListening?.()
    stopListening = undefined
    for (const [id, lock] of locks) freeLock(id, lock)
  }

  return {
    async lease(key, owner, ttl, takeLease) {
      const ownerLock = ownerLockOf(owner)
      const id = idOf(key, owner)
      const lock = lockOf(id, idOf(name, 'lease', key), 'exclusive', lockTimeout)
      lock.calls++
      // The new lease may last longer.
      clearTimeout(lock.timer)
      try {
        // Shared, because an owner may use several stores of a page.
        await lockOf(ownerLock, ownerLock, 'shared').held
        const taken = await takeLease(Boolean(await lock.held))
        // After `pagehide`, the locks of this page no longer protect the lease.
        const lease = locks.get(id) === lock ? taken : undefined
        // After an error it is unchanged, because the owner may still rely on its previous lease.
        lock.fence = lease?.fence
        return lease
      } finally {
        // The last call decides, because it has seen the results of the others.
        if (--lock.calls === 0) {
          if (lock.fence === undefined) freeLock(id, lock)
          // A longer delay would fire immediately.
          else lock.timer = setTimeout(() => freeLock(id, lock), Math.min(ttl, maxTimerDelay))
        }
      }
    },
    release(key, { owner, fence }) {
      const id = idOf(key, owner)
      const lock = locks.get(id)
      if (lock?.fence === fence && lock.calls === 0) freeLock(id, lock)
    },
    isOwnerGone(owner) {
      // Without Web Locks, it is not known.
      return heldLocks().then(
        (names) => !names.includes(ownerLockOf(owner)),
        () => false,
      )
    },
    close: freeAll,
  }
}
