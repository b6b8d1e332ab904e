import {
  checkOptions,
  functionOption,
  invalidParameter,
  type OptionValidator,
  textOption,
} from '@pds/core/internal'
import type { Store } from '@pds/session'
import { type Backend, defaultName, type Step, storageDenied, type Table } from './backend.ts'
import { backendsOf } from './backends.ts'
import { createLeaseLocks } from './lease-locks.ts'
import { createNotifications } from './notifications.ts'
import { nextLease, releaseLease, toRecord } from './rows.ts'
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

const recordAndLease: Table[] = ['records', 'leases']

const storeOptions: Readonly<Record<keyof WebStoreOptions, OptionValidator>> = {
  name: textOption,
  clock: functionOption,
}

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
  const backends = backendsOf(name)
  let backend: Backend = backends.next().value
  const isShared = backend.scope === 'origin'
  const notifications = createNotifications(name, isShared)
  const canWatch = !isShared || Boolean(globalThis.BroadcastChannel)
  let isClosed = false

  function assertOpen(): void {
    if (isClosed) throw invalidParameter('the store is closed')
  }

  async function use<T>(tables: Table[], key: string, step: Step<T>, mode?: 'readonly'): Promise<T> {
    assertOpen()
    const used = backend
    try {
      return await used.use(tables, key, step, mode)
    } catch (error) {
      if (error !== storageDenied) throw storeError(error, name)
      if (backend === used) backend = backends.next().value
      return use(tables, key, step, mode)
    }
  }

  return {
    get scope() {
      return backend.scope
    },
    read: (key) => use(['records'], key, ({ records }) => toRecord(records, name), 'readonly'),
    async compareAndSet(key, { epoch, data }, expectedRev, release) {
      const isWritten = await use(recordAndLease, key, (rows, write) => {
        if ((toRecord(rows.records, name)?.rev ?? 0) !== expectedRev) return false
        write('records', { epoch, data, rev: Math.max(expectedRev, 0) + 1 })
        if (release) releaseLease(rows, write, release)
        // Now, because the tab may be closed before the write is confirmed. Others wait for the write when they read.
        notifications.send(key)
        return true
      })
      if (isWritten && release) leaseLocks.release(key, release.owner, release.fence)
      return isWritten
    },
    async lease(key, owner, ttl) {
      const takeLease = (hasLock: boolean) =>
        use(recordAndLease, key, ({ records, leases }, write) => {
          const row = nextLease(leases, owner, ttl, hasLock, clock())
          if (!row) return undefined
          write('leases', row)
          return { fence: row.fence, record: toRecord(records, name) }
        })
      assertOpen()
      return backend.scope === 'origin' ? leaseLocks.lease(key, owner, ttl, takeLease) : takeLease(false)
    },
    async release(key, owner, fence) {
      try {
        await use(recordAndLease, key, (rows, write) => releaseLease(rows, write, { owner, fence }))
      } finally {
        leaseLocks.release(key, owner, fence)
      }
    },
    async isOwnerGone(owner) {
      assertOpen()
      return backend.scope === 'origin' && leaseLocks.isOwnerGone(owner)
    },
    ...(canWatch && {
      watch(key: string, changed: () => void) {
        assertOpen()
        return notifications.watch(key, changed)
      },
      isWatching: () => !isClosed && (backend.scope === 'process' || notifications.isWatching()),
    }),
    close() {
      isClosed = true
      backend.close()
      leaseLocks.close()
      notifications.close()
    },
  }
}
