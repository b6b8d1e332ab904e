import { suspendAwareTimeout } from '@pds/core/internal'
import { type Backend, backendTimeout, idOf, timeoutError } from './backend.ts'
import { createWriteLocks } from './write-locks.ts'

// How long the lock is kept after a write, for a tab that is closed right after it. In milliseconds.
const timeToSpread = 100
// How long a write of another tab is waited for, and between two looks: what does not come was removed. In milliseconds.
const maxPropagationTime = 2000
const betweenLooks = 10

interface Item {
  /** Counts the writes. */
  turn: number
  rows: Record<string, unknown>
}

/**
 * Items of `localStorage`, for where that is all there is. It cannot compare and write in one step: each use has a Web
 * Lock to itself, and is done before anything can interrupt it.
 *
 * The lock and the write reach another process on two ways: in Chromium every fourth write was not there yet when the
 * lock was. So whoever has the lock waits for the last write that it knows to have been made.
 *
 * One item has all rows of a key, with space to grow: in a full storage only what grows no longer is written.
 */
export function localStorageBackend(name: string, storage: Storage, locks: LockManager): Backend {
  const turns = createWriteLocks(name, locks)

  /** The item as it is, and its size, once what others wrote has come. */
  async function readItem(id: string, last: number): Promise<Item & { size: number }> {
    for (let waited = 0; ; waited += betweenLooks) {
      const text = storage.getItem(id) ?? ''
      const { turn = 0, rows = {} }: Partial<Item> = text ? JSON.parse(text) : {}
      if (turn >= last || waited >= maxPropagationTime)
        return { turn: Math.max(turn, last), rows, size: text.length }
      await pause(betweenLooks)
    }
  }

  return {
    scope: 'origin',
    use(table, key, step) {
      return new Promise((resolve, reject) => {
        const id = idOf(name, key)
        const patience = new AbortController()
        const end = suspendAwareTimeout(backendTimeout, () => patience.abort(timeoutError()))
        const alone = async () => {
          const { turn, rows, size } = await readItem(id, await turns.last(key))
          end()
          let isWritten = false
          const result = step(rows[table] as Parameters<typeof step>[0], (row) => {
            rows[table] = row
            isWritten = true
          })
          if (!isWritten) return resolve(result)
          const item: Item = { turn: turn + 1, rows }
          overwrite(storage, id, size, JSON.stringify(item))
          await turns.take(key, item.turn)
          resolve(result)
          await pause(timeToSpread)
        }
        locks.request(id, { signal: patience.signal }, alone).catch(reject).finally(end)
      })
    },
    close: () => turns.close(),
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((over) => setTimeout(over, milliseconds))
}

function overwrite(storage: Storage, id: string, size: number, text: string): void {
  try {
    storage.setItem(id, text.padEnd(text.length > size ? text.length * 2 : size))
  } catch {
    storage.setItem(id, text.padEnd(size))
  }
}
