import { suspendAwareTimeout } from '@pds/core/internal'
import { type Backend, backendTimeout, idOf, timeoutError } from './backend.ts'
import { createWriteLocks } from './write-locks.ts'

// How long the lock is kept after a write, so that the write of a tab that closes immediately is not lost. In
// milliseconds.
const settleTime = 100
// How long to wait for a write of another tab, and the interval between two reads. A write that is still missing after
// this time was removed. In milliseconds.
const maxPropagationTime = 2000
const pollInterval = 10

interface Item {
  /** The number of writes. */
  writes: number
  rows: Record<string, unknown>
}

/**
 * Creates a backend over `localStorage`, for pages without IndexedDB. `localStorage` has no compare-and-set, so each use
 * runs under an exclusive Web Lock, and its read and write are synchronous.
 *
 * A lock and a write reach another process independently. In Chromium, one write in four was not yet visible when the
 * lock was granted, so the holder of the lock waits until it sees the last published write.
 *
 * One item contains all rows of a key and is padded with spaces. When the storage is full, an item can still be written
 * as long as it does not grow.
 */
export function localStorageBackend(name: string, storage: Storage, locks: LockManager): Backend {
  const writeLocks = createWriteLocks(name, locks)

  /** Returns the item and its size after the last write of other tabs is visible. */
  async function readItem(id: string, lastWrite: number): Promise<Item & { size: number }> {
    for (let waited = 0; ; waited += pollInterval) {
      const text = storage.getItem(id) ?? ''
      const { writes = 0, rows = {} }: Partial<Item> = text ? JSON.parse(text) : {}
      if (writes >= lastWrite || waited >= maxPropagationTime)
        return { writes: Math.max(writes, lastWrite), rows, size: text.length }
      await pause(pollInterval)
    }
  }

  return {
    scope: 'origin',
    use(table, key, step) {
      return new Promise((resolve, reject) => {
        const id = idOf(name, key)
        const timeout = new AbortController()
        const clearTimer = suspendAwareTimeout(backendTimeout, () => timeout.abort(timeoutError()))
        const runLocked = async () => {
          const { writes, rows, size } = await readItem(id, await writeLocks.lastWrite(key))
          clearTimer()
          let isWritten = false
          const result = step(rows[table] as Parameters<typeof step>[0], (row) => {
            rows[table] = row
            isWritten = true
          })
          if (!isWritten) return resolve(result)
          const item: Item = { writes: writes + 1, rows }
          overwrite(storage, id, size, JSON.stringify(item))
          await writeLocks.publish(key, item.writes)
          resolve(result)
          await pause(settleTime)
        }
        locks.request(id, { signal: timeout.signal }, runLocked).catch(reject).finally(clearTimer)
      })
    },
    close: () => writeLocks.close(),
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** Writes an item with space to grow, or without it if the storage is full. */
function overwrite(storage: Storage, id: string, size: number, text: string): void {
  try {
    storage.setItem(id, text.padEnd(text.length > size ? text.length * 2 : size))
  } catch {
    storage.setItem(id, text.padEnd(size))
  }
}
