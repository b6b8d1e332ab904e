import {
  checkOptions,
  functionOption,
  invalidParameter,
  type OptionValidator,
  textOption,
} from '@pds/core/internal'
import type { Store, StoredRecord } from '@pds/session'
import { type Backend, defaultName, type Step, storageDenied, type Table } from './backend.ts'
import { fallbackBackend } from './fallback-backend.ts'
import { hasIndexedDB, indexedDbBackend } from './indexed-db-backend.ts'
import { createLeaseLocks } from './lease-locks.ts'
import { createNotifications } from './notifications.ts'
import { storeError } from './store-error.ts'

/** The options of `webStore`. */
export interface WebStoreOptions {
  /** The name of the database, the channel and the locks. Stores with the same name share their sessions. Default: `pds-sessions`. */
  name?: string | undefined
  /** Returns the time for leases, in milliseconds since the epoch. All tabs must use the same time. Default: `Date.now`. */
  clock?: (() => number) | undefined
}

/** A store in the browser. */
export interface WebStore extends Store {
  /** `origin`. It is `process` after a call found that the browser denies storage, and in a runtime without storage. */
  readonly scope: 'origin' | 'process'
  /**
   * Closes the database and the channel, and releases the locks. Later calls reject with a `PDSError` with code
   * `InvalidParameter`.
   */
  close(): void
}

interface LeaseRow {
  readonly owner?: string | undefined
  readonly fence: number
  /** When the lease was taken, in milliseconds of `clock`. */
  readonly taken: number
  /** The duration of the lease, in milliseconds. */
  readonly ttl: number
  /** Whether the owner held the Web Lock of the key. */
  readonly isLocked: boolean
}

const storeOptions: Readonly<Record<keyof WebStoreOptions, OptionValidator>> = {
  name: textOption,
  clock: functionOption,
}

// A lease that was taken more than this in the future counts as expired, because the clock was set back. In milliseconds.
const clockTolerance = 1000

/**
 * Creates a store that all tabs and workers of one origin share.
 *
 * The store uses IndexedDB. If the browser denies IndexedDB, it uses `localStorage` under a Web Lock. If the browser
 * denies that too, or there is no browser, it keeps the sessions in memory, and `scope` is `process`.
 *
 * If the storage is full or fails, calls reject within seconds with an `Error` that says what to do and contains no
 * stored data. Later calls try the storage again.
 *
 * @throws A `PDSError` with code `InvalidParameter` for an unknown or invalid option.
 *
 * @example
 * ```ts
 * import { oauthGrant } from '@pds/auth-oauth'
 * import { createTransport } from '@pds/core'
 * import { createSession, encryptedStore } from '@pds/session'
 * import { webStore, webStoreKey } from '@pds/session-web'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 * const app = { client_id: 'browser-app', redirect_uri: `${location.origin}/callback` }
 * const store = encryptedStore(webStore(), await webStoreKey())
 * const session = createSession({ key: 'me', grant: oauthGrant({ transport, ...app }), store })
 * ```
 */
export function webStore(options: WebStoreOptions = {}): WebStore {
  const { name = defaultName, clock = Date.now } = checkOptions('webStore', options, storeOptions)
  const leaseLocks = createLeaseLocks(name)
  let backend: Backend = hasIndexedDB() ? indexedDbBackend(name) : fallbackBackend(name)
  const isShared = backend.scope === 'origin'
  const Channel = isShared ? globalThis.BroadcastChannel : undefined
  const notifications = createNotifications(name, Channel)
  let isClosed = false

  function assertOpen(): void {
    if (isClosed) throw invalidParameter('the store is closed')
  }

  async function use<Row, T>(table: Table, key: string, step: Step<Row, T>, mode?: 'readonly'): Promise<T> {
    assertOpen()
    const used = backend
    try {
      return await used.use(table, key, step, mode)
    } catch (error) {
      if (error !== storageDenied) throw storeError(error, name)
      if (backend === used) backend = fallbackBackend(name)
      return use(table, key, step, mode)
    }
  }

  return {
    get scope() {
      return backend.scope
    },
    read: (key) => use<StoredRecord, StoredRecord | undefined>('records', key, (row) => row, 'readonly'),
    async compareAndSet(key, { epoch, data }, expectedRev) {
      const isWritten = await use<StoredRecord, boolean>('records', key, (row, write) => {
        if ((row?.rev ?? 0) !== expectedRev) return false
        write({ epoch, data, rev: expectedRev + 1 })
        return true
      })
      if (isWritten) notifications.send(key)
      return isWritten
    },
    async lease(key, owner, ttl) {
      const takeLease = (hasLock: boolean) =>
        use<LeaseRow, number | undefined>('leases', key, (row, write) => {
          const now = clock()
          const isFree =
            !row ||
            now >= row.taken + row.ttl ||
            now < row.taken - clockTolerance ||
            (hasLock && row.isLocked)
          if (!isFree && row.owner !== undefined && row.owner !== owner) return undefined
          const fence = (row?.fence ?? 0) + 1
          write({ owner, fence, taken: now, ttl, isLocked: hasLock })
          return fence
        })
      assertOpen()
      return backend.scope === 'origin' ? leaseLocks.lease(key, owner, ttl, takeLease) : takeLease(false)
    },
    async release(key, owner, fence) {
      try {
        // Keep the row: the next fencing token must be higher.
        await use<LeaseRow, void>('leases', key, (row, write) => {
          if (row?.owner === owner && row.fence === fence) write({ ...row, owner: undefined })
        })
      } finally {
        leaseLocks.release(key, owner, fence)
      }
    },
    ...((Channel || !isShared) && {
      watch(key: string, changed: () => void) {
        assertOpen()
        return notifications.watch(key, changed)
      },
    }),
    close() {
      isClosed = true
      backend.close()
      leaseLocks.close()
      notifications.close()
    },
  }
}
