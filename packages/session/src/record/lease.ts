import type { LeaseHolder, StoreLease } from './store.ts'

/** A lease that this session holds. The lease decides who may send: only its owner spends the refresh token. */
export interface Lease {
  /** The owner and the fencing token, for the write that releases the lease. */
  readonly holder: LeaseHolder
  /** Returns the time until the lease expires, in milliseconds; negative once it has expired. */
  remaining(): number
  /** Takes the lease again for its whole duration. Returns false if another owner holds it now. */
  extend(): Promise<boolean>
  /** Releases the lease. Ignores an error of the store, because the lease expires anyway. */
  release(): Promise<void>
  /** Notes that a write has released the lease. */
  released(): void
}

/** The calls of a store for the lease of one key and owner. */
interface LeaseCalls {
  /** Returns the lease, or undefined if another owner holds it. */
  take(): Promise<StoreLease | undefined>
  release(fence: number): Promise<void>
}

/**
 * Takes a lease for `duration` milliseconds. Returns undefined if another owner holds it.
 *
 * `clock` is the local clock, in milliseconds. The duration counts from before the request, by this clock and by
 * `performance.now`, because one of the two does not advance while a machine sleeps.
 */
export async function takeLease(
  owner: string,
  duration: number,
  clock: () => number,
  calls: LeaseCalls,
): Promise<{ lease: Lease; record: StoreLease['record'] } | undefined> {
  const readClocks = () => ({ wall: clock(), steady: performance.now() })
  let since = readClocks()
  let fence: number | undefined
  const take = async () => {
    since = readClocks()
    const taken = await calls.take()
    fence = taken?.fence
    return taken
  }
  const first = await take()
  if (!first) return undefined
  const lease: Lease = {
    get holder() {
      return { owner, fence: fence ?? 0 }
    },
    remaining() {
      const now = readClocks()
      return duration - Math.max(now.wall - since.wall, now.steady - since.steady)
    },
    extend: async () => (await take()) !== undefined,
    async release() {
      const held = fence
      fence = undefined
      if (held !== undefined) await calls.release(held).catch(() => undefined)
    },
    released() {
      fence = undefined
    },
  }
  return { lease, record: first.record }
}
