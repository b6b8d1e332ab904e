import { checkOptions, functionOption, invalidParameter, type OptionValidator } from '@pds/core/internal'
import type { Store, StoredRecord } from '@pds/session'
import { type Backend, defaultName, nameOption, type Step, storageDenied, type Table } from './backend.ts'
import { fallbackBackend } from './fallback-backend.ts'
import { hasIndexedDB, indexedDbBackend } from './indexed-db-backend.ts'
import { createLeaseLocks } from './lease-locks.ts'
import { createNotifications } from './notifications.ts'
import { storeError } from './store-error.ts'

/** The options of `webStore`. */
export interface WebStoreOptions {
  /** Names the database, the channel and the locks: stores of one name share their sessions. Default: `pds-sessions`. */
  name?: string | undefined
  /** Times the leases, in milliseconds since the epoch: the same time in all tabs. Default: `Date.now`. */
  clock?: (() => number) | undefined
}

/** A store of the browser. */
export interface WebStore extends Store {
  /** `origin`; `process` from the call on that found storage denied, and at once where there is none, as in Node.js. */
  readonly scope: 'origin' | 'process'
  /**
   * Closes the database and the channel, and lets go of its locks. Calls that come later reject with a `PDSError`
   * `InvalidParameter`.
   */
  close(): void
}

interface LeaseRow {
  readonly owner?: string | undefined
  readonly fence: number
  /** In milliseconds of the clock. */
  readonly taken: number
  readonly ttl: number
  /** Whether its owner held the Web Lock of the key. */
  readonly isLocked: boolean
}

const storeOptions: Readonly<Record<keyof WebStoreOptions, OptionValidator>> = {
  name: nameOption,
  clock: functionOption,
}

// A clock that was set back by more than this ends the leases that it took before, in milliseconds.
const clockTolerance = 1000

/**
 * Makes a store for the sessions of all tabs and workers of one origin.
 *
 * It keeps them in IndexedDB; where the browser denies that, in `localStorage` under a Web Lock; and where that is
 * denied too, or there is no browser, in the memory of this store alone: `scope` is `process` then.
 *
 * Throws a `PDSError` `InvalidParameter` for an option that is unknown or wrong. Calls reject with an `Error` that
 * says what to do and holds nothing of the records where the storage is full or fails, within some seconds; the next
 * call tries anew.
 */
export function webStore(options: WebStoreOptions = {}): WebStore {
  const { name = defaultName, clock = Date.now } = checkOptions('the options', '', options, storeOptions)
  const turns = createLeaseLocks(name)
  let place: Backend = hasIndexedDB() ? indexedDbBackend(name) : fallbackBackend(name)
  const isShared = place.scope === 'origin'
  const Channel = isShared ? globalThis.BroadcastChannel : undefined
  const hints = createNotifications(name, Channel)
  let isClosed = false

  function refuseClosed(): void {
    if (isClosed) throw invalidParameter('the store is closed')
  }

  async function use<Row, T>(table: Table, key: string, step: Step<Row, T>, mode?: 'readonly'): Promise<T> {
    refuseClosed()
    const chosen = place
    try {
      return await chosen.use(table, key, step, mode)
    } catch (error) {
      if (error !== storageDenied) throw storeError(error, name)
      if (place === chosen) place = fallbackBackend(name)
      return use(table, key, step, mode)
    }
  }

  return {
    get scope() {
      return place.scope
    },
    read: (key) => use<StoredRecord, StoredRecord | undefined>('records', key, (row) => row, 'readonly'),
    async compareAndSet(key, { epoch, data }, expectedRev) {
      const isWritten = await use<StoredRecord, boolean>('records', key, (row, write) => {
        if ((row?.rev ?? 0) !== expectedRev) return false
        write({ epoch, data, rev: expectedRev + 1 })
        return true
      })
      if (isWritten) hints.tell(key)
      return isWritten
    },
    async lease(key, owner, ttl) {
      const lend = (hasTurn: boolean) =>
        use<LeaseRow, number | undefined>('leases', key, (row, write) => {
          const now = clock()
          const isOver =
            !row ||
            now >= row.taken + row.ttl ||
            now < row.taken - clockTolerance ||
            (hasTurn && row.isLocked)
          if (!isOver && row.owner !== undefined && row.owner !== owner) return undefined
          const fence = (row?.fence ?? 0) + 1
          write({ owner, fence, taken: now, ttl, isLocked: hasTurn })
          return fence
        })
      refuseClosed()
      return place.scope === 'origin' ? turns.lease(key, owner, ttl, lend) : lend(false)
    },
    async release(key, owner, fence) {
      try {
        // The row stays: the next number counts on from it.
        await use<LeaseRow, void>('leases', key, (row, write) => {
          if (row?.owner === owner && row.fence === fence) write({ ...row, owner: undefined })
        })
      } finally {
        turns.leave(key, owner, fence)
      }
    },
    ...((Channel || !isShared) && {
      watch(key: string, changed: () => void) {
        refuseClosed()
        return hints.watch(key, changed)
      },
    }),
    close() {
      isClosed = true
      place.close()
      turns.close()
      hints.close()
    },
  }
}
