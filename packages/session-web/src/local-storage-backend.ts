import { type Backend, backendTimeout, type Row } from './backend.ts'
import { heldLocks, holdLock, idOf, openChannel } from './browser.ts'

// How long to wait for a write of another tab, in milliseconds. A write that is still missing then was removed.
const maxPropagationTime = 2000

/** The item of a key. */
interface Item extends Row {
  /** The number of writes. */
  writes: number
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
 * An item is padded with spaces. When the storage is full, it can still be written as long as it does not grow.
 */
export function localStorageBackend(name: string): Backend {
  /** For each key, frees the lock with the number of this page's last write. */
  const published = new Map<string, () => void>()
  /** The number of the last write of other pages, from their messages. */
  const heard = new Map<string, number>()
  /** The number of the last write that this page saw. If the item has fewer writes now, it was removed or damaged. */
  const seen = new Map<string, number>()
  const channel = openChannel(idOf(name, 'writes'))
  if (channel) channel.onmessage = ({ data: [key, write] }) => heard.set(key, write)

  return {
    isShared: true,
    async use(key, step) {
      const id = idOf(name, key)
      const lockSuffix = ` ${idOf(name, 'write', key)}`
      const free = await holdLock(id, 'exclusive', backendTimeout)
      try {
        const numbers = (await heldLocks()).map((lock) =>
          lock?.endsWith(lockSuffix) ? Number.parseInt(lock, 10) : 0,
        )
        const last = Math.max(heard.get(key) ?? 0, ...numbers)
        const deadline = performance.now() + maxPropagationTime
        let item = parseItem(localStorage.getItem(id))
        while (Math.max(item.writes, seen.get(key) ?? 0) < last && performance.now() < deadline) {
          // A round trip to the browser's main process instead of a timer.
          await heldLocks()
          item = parseItem(localStorage.getItem(id))
        }
        const writes = Math.max(item.writes, last)
        item.writes = writes
        const result = step(item, () => {
          item.writes++
          overwrite(id, JSON.stringify(item))
        })
        seen.set(key, item.writes)
        if (item.writes > writes) {
          channel?.postMessage([key, item.writes])
          // Shared: two pages make writes with the same number if the first write was lost in a crash.
          published.get(key)?.()
          published.set(key, await holdLock(item.writes + lockSuffix, 'shared'))
        }
        return result
      } finally {
        free()
      }
    },
    close() {
      for (const free of published.values()) free()
      channel?.close()
    },
  }
}

function parseItem(text: string | null): Item {
  try {
    const item: Item = JSON.parse(text ?? '{"writes":0}')
    if (Number.isSafeInteger(item.writes)) return item
  } catch {
    // The item is damaged, like an item without a number of writes.
  }
  return { writes: 0, record: null }
}

/** Writes an item with space to grow, or without it if the storage is full. */
function overwrite(id: string, text: string): void {
  const size = localStorage.getItem(id)?.length ?? 0
  try {
    localStorage.setItem(id, text.padEnd(text.length > size ? text.length * 2 : size))
  } catch {
    localStorage.setItem(id, text.padEnd(size))
  }
}
