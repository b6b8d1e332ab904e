import type { Store } from '@pds/session'

/** A store that monitors whether a session with a cached token calls it. */
export interface MonitoredStore {
  store: Store
  /** Starts the check: from now on, the session may only read the store, once in 5 seconds. */
  expectCached(): void
  /** Throws if there were other calls since then. */
  check(): void
}

// A session uses its cached token for 5 seconds, and counts from before it reads the store. A bit less allows for that.
const minInterval = 4900

/** Monitors the calls of a store. The clock is in milliseconds. */
export function monitorStore(store: Store, now: () => number = () => performance.now()): MonitoredStore {
  let last = Number.NEGATIVE_INFINITY
  let isCached = false
  let unexpectedCall: string | undefined
  const record = (call: string) => {
    const at = now()
    const since = at - last
    last = at
    if (!isCached || (call === 'read' && since >= minInterval)) return
    unexpectedCall ??= `a session with a cached token called ${call} of its store ${Math.round(since)} ms after the previous call`
  }
  const { read, compareAndSet, lease, release } = store
  return {
    store: {
      ...store,
      read(...args) {
        record('read')
        return read(...args)
      },
      compareAndSet(...args) {
        record('compareAndSet')
        return compareAndSet(...args)
      },
      lease(...args) {
        record('lease')
        return lease(...args)
      },
      release(...args) {
        record('release')
        return release(...args)
      },
    },
    expectCached() {
      isCached = true
    },
    check() {
      if (unexpectedCall !== undefined) throw new Error(unexpectedCall)
    },
  }
}
