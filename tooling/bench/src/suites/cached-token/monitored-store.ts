import type { Store } from '@pds/session'

/** A store, and whether those who have a token in hand leave it alone. */
export interface WatchedStore {
  store: Store
  /** From now on a session has its token, and may do no more than look into the store once in 5 seconds. */
  expectRest(): void
  /** Throws where it did more. */
  check(): void
}

// How long a session gives its token out without a look, and a little less: it counts from before it looks.
const unseen = 4900

/** Watches the calls of a store, by a clock in milliseconds. */
export function watchStore(store: Store, now: () => number = () => performance.now()): WatchedStore {
  let last = Number.NEGATIVE_INFINITY
  let isResting = false
  let disturbance: string | undefined
  const touch = (call: string) => {
    const at = now()
    const since = at - last
    last = at
    if (!isResting || (call === 'read' && since >= unseen)) return
    disturbance ??= `a session with its token in hand called ${call} of its store, ${Math.round(since)} ms after it last did`
  }
  const { read, cas, lease, release } = store
  return {
    store: {
      ...store,
      read(...args) {
        touch('read')
        return read(...args)
      },
      cas(...args) {
        touch('cas')
        return cas(...args)
      },
      lease(...args) {
        touch('lease')
        return lease(...args)
      },
      release(...args) {
        touch('release')
        return release(...args)
      },
    },
    expectRest() {
      isResting = true
    },
    check() {
      if (disturbance !== undefined) throw new Error(disturbance)
    },
  }
}
