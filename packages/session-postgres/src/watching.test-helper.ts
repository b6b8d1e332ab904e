import type { Store } from '@pds/session'
import { onTestFinished, vi } from 'vitest'

/** Polls until a condition is true. The time limit of the test ends it. */
export const until = (condition: () => unknown) =>
  vi.waitUntil(condition, { interval: 10, timeout: 2 ** 31 - 1 })

/** Waits until the first subscription of a store is confirmed, which calls all watchers. */
export async function untilSubscribed(store: Store): Promise<void> {
  const stop = store.watch?.('first', () => undefined)
  await until(() => store.isWatching?.('first'))
  stop?.()
}

/** Watches a key, and waits until the store says so. */
export async function watching(store: Store, key: string): Promise<{ calls(): number }> {
  let calls = 0
  const stop = store.watch?.(key, () => calls++)
  onTestFinished(() => stop?.())
  await until(() => store.isWatching?.(key))
  return { calls: () => calls }
}
