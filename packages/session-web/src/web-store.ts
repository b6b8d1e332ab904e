import { checkOptions, functionOption, invalidParameter, textOption } from '@pds/core/internal'
import type { Store } from '@pds/session'
import { type Backend, defaultName, type Step } from './backend.ts'
import { backendsOf } from './backends.ts'
import { createLeaseLocks } from './lease-locks.ts'
import { createNotifications } from './notifications.ts'
import { releaseLease, takeLease, toRecord } from './rows.ts'
import { isStorageDenied, storeError } from './store-error.ts'

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
  const { name = defaultName, clock = Date.now } = checkOptions('webStore', options, {
    name: textOption,
    clock: functionOption,
  })
  const leaseLocks = createLeaseLocks(name)
  const backends = backendsOf(name)
  let backend: Backend = backends.next().value
  const isShared = () => backend.isShared
  const notifications = createNotifications(name, isShared)
  let isClosed = false

  function assertOpen(): void {
    if (isClosed) throw invalidParameter('the store is closed')
  }

  async function use<T>(key: string, step: Step<T>, mode?: 'readonly'): Promise<T> {
    assertOpen()
    const used = backend
    try {
      return await used.use(key, step, mode)
    } catch (error) {
      assertOpen()
      if (!used.isShared || !(await isStorageDenied(error))) throw storeError(error, name)
      if (backend === used) backend = backends.next().value
      return use(key, step, mode)
    }
  }

  return {
    get scope() {
      return isShared() ? 'origin' : 'process'
    },
    read: (key) => use(key, (row) => toRecord(row, name), 'readonly'),
    async compareAndSet(key, { epoch, data }, expectedRev, release) {
      const isWritten = await use(key, (row, save) => {
        if ((toRecord(row, name)?.rev ?? 0) !== expectedRev) return false
        row.record = { epoch, data, rev: Math.max(expectedRev, 0) + 1 }
        if (release) releaseLease(row, release)
        save()
        // Now, because the tab may be closed before the write is confirmed. Others wait for the write when they read.
        notifications.send(key)
        return true
      })
      if (isWritten && release) leaseLocks.release(key, release)
      return isWritten
    },
    async lease(key, owner, ttl) {
      const take = (hasLock: boolean) =>
        use(key, (row, save) => {
          const fence = takeLease(row, owner, ttl, hasLock, clock())
          if (fence === undefined) return undefined
          save()
          return { fence, record: toRecord(row, name) }
        })
      assertOpen()
      return isShared() ? leaseLocks.lease(key, owner, ttl, take) : take(false)
    },
    async release(key, owner, fence) {
      const holder = { owner, fence }
      try {
        await use(key, (row, save) => {
          if (releaseLease(row, holder)) save()
        })
      } finally {
        leaseLocks.release(key, holder)
      }
    },
    async isOwnerGone(owner) {
      assertOpen()
      return isShared() && leaseLocks.isOwnerGone(owner)
    },
    watch(key, changed) {
      assertOpen()
      return notifications.watch(key, changed)
    },
    isWatching: () => !isClosed && notifications.isWatching(),
    close() {
      isClosed = true
      backend.close()
      leaseLocks.close()
      notifications.close()
    },
  }
}
