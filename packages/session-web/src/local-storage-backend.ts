import { suspendAwareTimeout } from '@pds/core/internal'
import {
  type Backend,
  backendTimeout,
  holdLock,
  idOf,
  openChannel,
  type Rows,
  storageDenied,
  timeoutError,
} from './backend.ts'
import { errorName } from './store-error.ts'

// How long to wait for a write of another tab, in milliseconds. A write that is still missing then was removed.
const maxPropagationTime = 2000

interface Item {
  /** The number of writes. */
  writes: number
  rows: Rows
}

/**
 * Creates a backend over `localStorage`, for pages without IndexedDB. `localStorage` has no compare-and-set, so each use
 * runs under an exclusive Web Lock, and its read and write are synchronous.
 *
 * A lock and a write reach another process independently, so a page may not yet see the last write when its lock is
 * granted. It therefore learns the number of the last write, and waits until it sees that write. Each writer tells the
 * number in two ways before it frees the lock:
 * - the name of a second Web Lock, which it holds until its next write. All pages see it immediately;
 * - a message, which pages remember after the writer is closed. It leaves the browser's main process before the lock is
 *   granted, and a query of the locks follows it on the same way.
 *
 * No timer runs under the lock: browsers delay the timers of hidden tabs by seconds.
 *
 * One item contains all rows of a key and is padded with spaces. When the storage is full, an item can still be written
 * as long as it does not grow.
 */
export function localStorageBackend(name: string, storage: Storage): Backend {
  const { locks } = navigator
  /** For each key, frees the lock with the number of this page's last write. */
  const published = new Map<string, () => void>()
  /** The number of the last write of other pages, from their messages. */
  const heard = new Map<string, number>()
  /** The number of the last write that this page saw. If the item has fewer writes now, it was removed or damaged. */
  const seen = new Map<string, number>()
  const channel = openChannel(idOf(name, 'writes'))
  if (channel) channel.onmessage = ({ data: [key, write] }) => heard.set(key, write)
  const lockSuffix = (key: string) => ` ${idOf(name, 'write', key)}`

  async function lastWrite(key: string): Promise<number> {
    const { held = [] } = await locks.query()
    const numbers = held.map((lock) =>
      lock.name?.endsWith(lockSuffix(key)) ? Number.parseInt(lock.name, 10) : 0,
    )
    return Math.max(heard.get(key) ?? 0, ...numbers)
  }

  async function publish(key: string, write: number): Promise<void> {
    channel?.postMessage([key, write])
    // Shared: two pages make writes with the same number if the first write was lost in a crash.
    const free = await holdLock(write + lockSuffix(key), { mode: 'shared' })
    published.get(key)?.()
    published.set(key, free)
  }

  /** Returns the item and its size after the last write of other tabs is visible. */
  async function readItem(id: string, key: string): Promise<Item & { size: number }> {
    const last = await lastWrite(key)
    const deadline = performance.now() + maxPropagationTime
    for (;;) {
      const text = storage.getItem(id) ?? ''
      const item = parseItem(text)
      if (item.writes >= last || (seen.get(key) ?? 0) >= last || performance.now() > deadline) {
        const writes = Math.max(item.writes, last)
        seen.set(key, writes)
        return { writes, rows: item.rows, size: text.length }
      }
      // A round trip to the browser's main process instead of a timer.
      await locks.query()
    }
  }

  return {
    scope: 'origin',
    use(_tables, key, step) {
      return new Promise((resolve, reject) => {
        const id = idOf(name, key)
        const timeout = new AbortController()
        const clearTimer = suspendAwareTimeout(backendTimeout, () => timeout.abort(timeoutError()))
        const runLocked = async () => {
          const { writes, rows, size } = await readItem(id, key)
          clearTimer()
          let isWritten = false
          const result = step(rows, (table, row) => {
            rows[table] = row
            isWritten = true
          })
          if (isWritten) {
            const item: Item = { writes: writes + 1, rows }
            overwrite(storage, id, size, JSON.stringify(item))
            seen.set(key, item.writes)
            await publish(key, item.writes)
          }
          resolve(result)
        }
        locks
          .request(id, { signal: timeout.signal }, runLocked)
          .catch((error) => reject(errorName(error) === 'SecurityError' ? storageDenied : error))
          .finally(clearTimer)
      })
    },
    close() {
      for (const free of published.values()) free()
      channel?.close()
    },
  }
}

function parseItem(text: string): Item {
  if (!text) return { writes: 0, rows: {} }
  try {
    const { writes, rows }: Item = JSON.parse(text)
    if (Number.isSafeInteger(writes)) return { writes, rows: { ...rows } }
  } catch {
    // The item is damaged, like an item without a number of writes.
  }
  return { writes: 0, rows: { records: null } }
}

/** Writes an item with space to grow, or without it if the storage is full. */
function overwrite(storage: Storage, id: string, size: number, text: string): void {
  try {
    storage.setItem(id, text.padEnd(text.length > size ? text.length * 2 : size))
  } catch {
    storage.setItem(id, text.padEnd(size))
  }
}
