import { idOf } from './backend.ts'

// How long a lease waits for its Web Lock, in milliseconds. A suspended tab delays other tabs by this time at most.
const lockTimeout = 1000
// The longest delay of a timer. A longer delay would fire immediately.
const maxTimerDelay = 2_147_483_647

/** A Web Lock that this page holds for the owner of a lease. */
interface HeldLock {
  readonly owner: string
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
   * fencing token, the lock is held for `ttl` milliseconds or until `release`.
   */
  lease(
    key: string,
    owner: string,
    ttl: number,
    takeLease: (hasLock: boolean) => Promise<number | undefined>,
  ): Promise<number | undefined>
  /** Releases the lock of a lease that its owner releases. */
  release(key: string, owner: string, fence: number): void
  /** Releases all locks. */
  close(): void
}

/**
 * Creates the locks that let tabs queue for a lease instead of polling. They also show that an owner is gone, because the
 * browser frees the lock of a closed tab. The lease itself is the row.
 *
 * A row that was taken under the lock says so. The next holder of the lock takes over such a row, because the lock is
 * only freed
 * - by `release`: its owner no longer relies on the lease, even if the row could not be updated;
 * - after `ttl`, counted from the write of the row. Owners count from before their call, by a clock that is no slower
 *   than timers, so the lease has expired for them too;
 * - after a failed attempt of an owner that had no lease: the owner does not rely on the lease, even if the row was
 *   written;
 * - by `close`, or with the page, including a page that the back/forward cache evicts.
 *
 * A lock that is held too long, for example because of a late timer, is harmless: other tabs wait for a second, then take
 * the row if its lease has expired. They do so without the lock, and their row says so, so no other tab takes it over.
 */
export function createLeaseLocks(name: string): LeaseLocks {
  const heldLocks = new Map<string, HeldLock>()

  function lockOf(key: string, owner: string): HeldLock | undefined {
    const lock = heldLocks.get(key)
    return lock?.owner === owner ? lock : undefined
  }

  function request(key: string, owner: string): Promise<HeldLock | undefined> {
    return new Promise((resolve) => {
      const { locks } = globalThis.navigator
      if (!locks) return resolve(undefined)
      const timeout = new AbortController()
      const timer = setTimeout(() => timeout.abort(), lockTimeout)
      const hold = () =>
        new Promise<void>((free) => {
          clearTimeout(timer)
          const lock = { owner, free, calls: 0 }
          heldLocks.set(key, lock)
          resolve(lock)
        })
      locks
        .request(idOf(name, 'lease', key), { signal: timeout.signal }, hold)
        .catch(() => resolve(undefined))
    })
  }

  function freeLock(key: string, lock: HeldLock): void {
    clearTimeout(lock.timer)
    heldLocks.delete(key)
    lock.free()
  }

  return {
    async lease(key, owner, ttl, takeLease) {
      const lock = lockOf(key, owner) ?? (await request(key, owner)) ?? lockOf(key, owner)
      if (!lock) return takeLease(false)
      lock.calls++
      // The new lease may last longer.
      clearTimeout(lock.timer)
      let time = 0
      try {
        const fence = await takeLease(true)
        if (fence !== undefined) {
          lock.fence = fence
          time = ttl
        }
        return fence
      } catch (error) {
        // The owner may still rely on its previous lease.
        if (lock.fence !== undefined) time = ttl
        throw error
      } finally {
        lock.calls--
        // The last call decides, because it has seen the results of the others.
        if (lock.calls === 0 && time > 0) {
          lock.timer = setTimeout(() => freeLock(key, lock), Math.min(time, maxTimerDelay))
        } else if (lock.calls === 0) freeLock(key, lock)
      }
    },
    release(key, owner, fence) {
      const lock = lockOf(key, owner)
      if (lock?.fence === fence && lock.calls === 0) freeLock(key, lock)
    },
    close() {
      for (const [key, lock] of heldLocks) freeLock(key, lock)
    },
  }
}
