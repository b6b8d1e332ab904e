import type { Store } from './store.ts'

// How long a process leaves an unreadable record alone after it has replaced one, in milliseconds. Another process with
// another encryption key may replace it as well.
const replacementInterval = 30_000

/** The times at which this process replaced unreadable records, by `performance.now`, for each store and key. */
const replacements = new WeakMap<Store, Map<string, number>>()

/** Returns whether this process may replace an unreadable record now. If so, it counts as replaced. */
export function mayReplace(store: Store, key: string): boolean {
  const now = performance.now()
  const times = replacements.get(store) ?? new Map<string, number>()
  replacements.set(store, times)
  for (const [each, time] of times) if (now - time >= replacementInterval) times.delete(each)
  if (times.has(key)) return false
  times.set(key, now)
  return true
}
