import { whenTooLate } from '@pds/core'
import { idOf, longestCall, type Place, tooLate } from './place.ts'

/**
 * How long a lock is kept after a write, in milliseconds. The lock and the write reach another process on two ways:
 * in Chromium every fourth write was lost without that, and none from 10 ms on.
 */
const timeToSpread = 100

/**
 * Items of `localStorage`, for where that is all there is. It cannot compare and write in one step: each use has a Web
 * Lock to itself, and is done before anything can interrupt it.
 *
 * One item has all rows of a key, with space to grow: in a full storage only what grows no longer is written.
 */
export function localPlace(name: string, storage: Storage, locks: LockManager): Place {
  return {
    scope: 'origin',
    use(table, key, step) {
      return new Promise((resolve, reject) => {
        const id = idOf(name, key)
        const patience = new AbortController()
        const end = whenTooLate(longestCall, () => patience.abort(tooLate()))
        const alone = async () => {
          end()
          const old = storage.getItem(id) ?? ''
          const rows = old ? JSON.parse(old) : {}
          let isWritten = false
          const result = step(rows[table], (row) => {
            rows[table] = row
            isWritten = true
          })
          if (isWritten) overwrite(storage, id, old.length, JSON.stringify(rows))
          resolve(result)
          if (isWritten) await new Promise((over) => setTimeout(over, timeToSpread))
        }
        locks.request(id, { signal: patience.signal }, alone).catch(reject)
      })
    },
    close() {},
  }
}

function overwrite(storage: Storage, id: string, size: number, text: string): void {
  try {
    storage.setItem(id, text.padEnd(text.length > size ? text.length * 2 : size))
  } catch {
    storage.setItem(id, text.padEnd(size))
  }
}
