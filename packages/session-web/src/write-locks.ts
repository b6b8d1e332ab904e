import { idOf } from './backend.ts'

/** Tells the pages of an origin how often an item was written. */
export interface WriteLocks {
  /** The number of the last write that another page has made which is still there; 0 where there is none. */
  last(key: string): Promise<number>
  /** Says that this page has made the write of a number. */
  take(key: string, turn: number): Promise<void>
  close(): void
}

/**
 * The numbers of writes, as names of Web Locks: each page holds one for the last write that it made. What locks are held
 * is known to all at once, which what was written is not.
 */
export function createWriteLocks(name: string, locks: LockManager): WriteLocks {
  const held = new Map<string, { turn: number; free: () => void }>()
  const lockOf = (key: string, turn: number | string) => idOf(name, 'turn', key, `${turn}`)

  return {
    async last(key) {
      const prefix = lockOf(key, '').slice(0, -2)
      const { held: all = [] } = await locks.query()
      const locked = all.filter(({ name: lock }) => lock?.startsWith(prefix))
      const turns = locked.map(({ name: lock = '' }) => Number(lock.slice(prefix.length, -2)))
      // What this page has written it has seen; if that is not there any more, it was removed.
      const own = turns.indexOf(held.get(key)?.turn ?? 0)
      return Math.max(0, ...turns.filter((_turn, index) => index !== own))
    },
    take(key, turn) {
      return new Promise((resolve, reject) => {
        const hold = () =>
          new Promise<void>((free) => {
            held.get(key)?.free()
            held.set(key, { turn, free })
            resolve()
          })
        // Shared: two pages may have made a write of one number, where the first one's was lost with its process.
        locks.request(lockOf(key, turn), { mode: 'shared' }, hold).catch(reject)
      })
    },
    close() {
      for (const { free } of held.values()) free()
      held.clear()
    },
  }
}
