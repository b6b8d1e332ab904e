import { idOf } from './backend.ts'

// How long a lease waits for its turn, in milliseconds: a tab that is frozen stops nobody for longer.
const lockTimeout = 1000
// What timers can hold: a longer one would be over at once.
const maxTimerDelay = 2_147_483_647

/** A Web Lock that this page holds. */
interface Turn {
  readonly owner: string
  readonly free: () => void
  /** Calls of `lease` that are under way with it. */
  calls: number
  /** The last lease that it was good for. */
  fence?: number
  timer?: ReturnType<typeof setTimeout>
}

/** The Web Locks under which leases are taken. */
export interface LeaseLocks {
  /**
   * Waits for the lock of a key, and then takes the lease with `lend`, which is told whether there is the lock. Where a
   * lease was taken, the lock is held until its time in milliseconds is over, or `leave` is called.
   */
  lease(
    key: string,
    owner: string,
    ttl: number,
    lend: (hasTurn: boolean) => Promise<number | undefined>,
  ): Promise<number | undefined>
  /** Ends the turn of a lease that its owner gives back. */
  leave(key: string, owner: string, fence: number): void
  /** Ends all turns. */
  close(): void
}

/**
 * Lets the tabs of an origin wait in a queue for a lease, instead of asking for it again and again; and tells when an
 * owner is gone, since the browser frees the lock of a tab that was closed. The lease itself is the row.
 *
 * A row that was taken under the lock says so. Whoever has the lock takes over such a row, since the lock is let go of
 * only
 * - by `leave`: its owner relies on the lease no longer, whatever became of the row;
 * - after its time, which is counted from when the row was written. Owners count from before they asked, and by a
 *   clock that is no slower than timers: for them it is over too;
 * - where taking it failed and nothing was taken before: nobody relies on it, even if the row was written;
 * - by `close`, or with the page, also one that is thrown out of the back/forward cache.
 *
 * To hold it for too long, as with a timer that is late, is no harm: others wait their second, and then take a row
 * whose time is over, or find one that is lent. They have no lock, and their row says so: nobody takes it over.
 */
export function createLeaseLocks(name: string): LeaseLocks {
  const turns = new Map<string, Turn>()

  function own(key: string, owner: string): Turn | undefined {
    const turn = turns.get(key)
    return turn?.owner === owner ? turn : undefined
  }

  function wait(key: string, owner: string): Promise<Turn | undefined> {
    return new Promise((resolve) => {
      const { locks } = globalThis.navigator
      if (!locks) return resolve(undefined)
      const patience = new AbortController()
      const timer = setTimeout(() => patience.abort(), lockTimeout)
      const hold = () =>
        new Promise<void>((free) => {
          clearTimeout(timer)
          const turn = { owner, free, calls: 0 }
          turns.set(key, turn)
          resolve(turn)
        })
      locks
        .request(idOf(name, 'lease', key), { signal: patience.signal }, hold)
        .catch(() => resolve(undefined))
    })
  }

  function end(key: string, turn: Turn): void {
    clearTimeout(turn.timer)
    turns.delete(key)
    turn.free()
  }

  return {
    async lease(key, owner, ttl, lend) {
      const turn = own(key, owner) ?? (await wait(key, owner)) ?? own(key, owner)
      if (!turn) return lend(false)
      turn.calls++
      // The row may get more time.
      clearTimeout(turn.timer)
      let time = 0
      try {
        const fence = await lend(true)
        if (fence !== undefined) {
          turn.fence = fence
          time = ttl
        }
        return fence
      } catch (error) {
        // The lease of before may still be relied on.
        if (turn.fence !== undefined) time = ttl
        throw error
      } finally {
        turn.calls--
        // The last one decides: it has seen what the others did.
        if (turn.calls === 0 && time > 0) {
          turn.timer = setTimeout(() => end(key, turn), Math.min(time, maxTimerDelay))
        } else if (turn.calls === 0) end(key, turn)
      }
    },
    leave(key, owner, fence) {
      const turn = own(key, owner)
      if (turn?.fence === fence && turn.calls === 0) end(key, turn)
    },
    close() {
      for (const [key, turn] of turns) end(key, turn)
    },
  }
}
