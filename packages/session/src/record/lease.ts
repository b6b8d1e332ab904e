/** A lease that this session holds. The lease decides who may send: only its owner spends the refresh token. */
export interface Lease {
  /** Returns the time until the lease expires, in milliseconds; negative once it has expired. */
  remaining(): number
  /** Takes the lease again for its whole duration. Returns false if another owner holds it now. */
  extend(): Promise<boolean>
  /** Releases the lease. Ignores an error of the store, because the lease expires anyway. */
  release(): Promise<void>
  /** Returns the lease for its next holder. From then on, `release` of this object does nothing. */
  transfer(): Lease
}

/** The calls of a store for the lease of one key and owner. */
interface LeaseCalls {
  /** Returns the fencing token, or undefined if another owner holds the lease. */
  take(): Promise<number | undefined>
  release(fence: number): Promise<void>
}

/**
 * Takes a lease for `duration` milliseconds. Returns undefined if another owner holds it.
 *
 * `clock` is the local clock, in milliseconds. The duration counts from before the request, by this clock and by
 * `performance.now`, because one of the two does not advance while a machine sleeps.
 */
export async function takeLease(
  duration: number,
  clock: () => number,
  calls: LeaseCalls,
): Promise<Lease | undefined> {
  const readClocks = () => ({ wall: clock(), steady: performance.now() })
  let since = readClocks()
  let fence: number | undefined
  const take = async () => {
    since = readClocks()
    fence = await calls.take()
    return fence !== undefined
  }
  if (!(await take())) return undefined
  const remaining = () => {
    const now = readClocks()
    return duration - Math.max(now.wall - since.wall, now.steady - since.steady)
  }
  const release = async () => {
    if (fence !== undefined) await calls.release(fence).catch(() => undefined)
  }
  let isTransferred = false
  const lease: Lease = {
    remaining,
    extend: take,
    release: async () => {
      if (!isTransferred) await release()
    },
    transfer() {
      isTransferred = true
      return { ...lease, release }
    },
  }
  return lease
}
