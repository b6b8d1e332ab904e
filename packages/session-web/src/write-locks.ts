import { idOf } from './backend.ts'

/** Publishes to the pages of an origin how often an item was written. */
export interface WriteLocks {
  /** Returns the number of the last write that another open page made, or 0 if there is none. */
  lastWrite(key: string): Promise<number>
  /** Publishes that this page made the write with this number. */
  publish(key: string, write: number): Promise<void>
  close(): void
}

/**
 * Publishes the numbers of writes as names of Web Locks. Each page holds one lock per key, for its last write. All pages
 * see a held lock immediately, but may see the written item later.
 */
export function createWriteLocks(name: string, locks: LockManager): WriteLocks {
  const held = new Map<string, { write: number; free: () => void }>()
  const lockOf = (key: string, write: number | string) => idOf(name, 'write', key, `${write}`)

  return {
    async lastWrite(key) {
      const prefix = lockOf(key, '').slice(0, -2)
      const { held: all = [] } = await locks.query()
      const locked = all.filter(({ name: lock }) => lock?.startsWith(prefix))
      const writes = locked.map(({ name: lock = '' }) => Number(lock.slice(prefix.length, -2)))
      // Ignore the write of this page. The page has seen it, so if the item is missing now, it was removed.
      const own = writes.indexOf(held.get(key)?.write ?? 0)
      return Math.max(0, ...writes.filter((_write, index) => index !== own))
    },
    publish(key, write) {
      return new Promise((resolve, reject) => {
        const hold = () =>
          new Promise<void>((free) => {
            held.get(key)?.free()
            held.set(key, { write, free })
            resolve()
          })
        // The lock is shared: two pages make writes with the same number if the first write was lost in a crash.
        locks.request(lockOf(key, write), { mode: 'shared' }, hold).catch(reject)
      })
    },
    close() {
      for (const { free } of held.values()) free()
      held.clear()
    },
  }
}
