import { checkOptions, functionOption, type OptionValidator } from '@pds/core/internal'
import type { Store } from '@pds/session'
import { CallQueue } from './call-queue.ts'
import { keyOfText, keyText } from './key-text.ts'
import { builtin } from './open-database.ts'
import type { DatabaseCalls } from './prepared-statements.ts'
import { Watchers } from './watchers.ts'

/** The options of `sqliteStore`. */
export interface SqliteStoreOptions {
  /** The path of the database file. The store creates a missing file, but not its folder. */
  path: string
  /**
   * Returns the time for leases, in milliseconds since the epoch. All processes must use the same time. Default:
   * `Date.now`.
   */
  clock?: (() => number) | undefined
  /**
   * The time that a session is kept after its last write or lease, in milliseconds: 2 592 000 000 (30 days) or more,
   * because the record of a sign-out must outlive the longest refresh token. Default: sessions do not expire.
   */
  expireAfter?: number | undefined
}

/** A store in a SQLite file. */
export interface SqliteStore extends Store {
  /** `machine`: the processes of one machine share the sessions. */
  readonly scope: 'machine'
  /** Closes the file. Waiting and later calls reject with a `PDSError` with code `InvalidParameter`. */
  close(): void
}

const minExpireAfter = 2_592_000_000
// The time between two deletions of unused sessions, in milliseconds.
const deletionInterval = 60_000
// All sessions share a check for changes for this time, in milliseconds.
const checkInterval = 20

const storeOptions: Readonly<Record<keyof SqliteStoreOptions, OptionValidator>> = {
  path: {
    wants: "the path of a file (for sessions in memory, use memoryStore of '@pds/session')",
    accepts: (value) =>
      typeof value === 'string' && !['', ':memory:'].includes(value) && !value.includes('\0'),
    isRequired: true,
  },
  clock: functionOption,
  expireAfter: {
    wants: `an integer from ${minExpireAfter} (30 days in milliseconds): a sign-out must outlive every refresh token`,
    accepts: (value) => Number.isSafeInteger(value) && (value as number) >= minExpireAfter,
  },
}

/**
 * Creates a store in a SQLite file, which the processes of one machine share.
 *
 * The first call opens the file, and creates it with mode 0600 if it is missing. A file that was deleted or replaced is
 * opened again. A call waits up to 10 seconds for the locks of other processes, without blocking the event loop. All
 * writes of one turn of the event loop share a transaction.
 *
 * The store finds the changes of other processes when a session asks for them, without a timer.
 *
 * Calls of the store reject with a `PDSError` with code `UnsupportedEnvironment` if the runtime has no `node:sqlite`
 * (Node.js before 22.13, browsers). If the file cannot be used, they reject with an `Error` that names the file and
 * contains no stored data.
 *
 * @throws A `PDSError` with code `InvalidParameter` for an unknown, missing or invalid option.
 *
 * @example
 * ```ts
 * import { oauthGrant } from '@pds/auth-oauth'
 * import { createTransport } from '@pds/core'
 * import { createSession } from '@pds/session'
 * import { sqliteStore } from '@pds/session-sqlite'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 * const app = { client_id: 'native-app', redirect_uri: 'http://127.0.0.1:3000/callback' }
 * const store = sqliteStore({ path: '/home/me/.my-app/sessions.db' })
 * const session = createSession({ key: 'me', grant: oauthGrant({ transport, ...app }), store })
 * ```
 */
export function sqliteStore(options: SqliteStoreOptions): SqliteStore {
  const { path, clock = Date.now, expireAfter } = checkOptions('sqliteStore', options, storeOptions)
  // Resolve the path now: the working directory may change before the first call.
  const file = builtin('node:path')?.resolve(path) ?? path
  const watchers = new Watchers()
  const queue = new CallQueue(file, watchers)
  let nextDeletion = 0
  // The end of the last check for changes, by `performance.now`.
  let checkedAt = Number.NEGATIVE_INFINITY

  function call<Result>(
    key: string,
    isWrite: boolean,
    run: (calls: DatabaseCalls, key: string) => Result,
    done?: (result: Result, key: string) => void,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      const text = keyText(key)
      queue.add({
        key: text,
        isWrite,
        run: ({ calls }) => run(calls, text),
        done: done && ((result) => done(result, text)),
        resolve,
        reject,
      })
      if (isWrite) deleteUnused()
    })
  }

  /** Deletes unused sessions together with a write, a few at a time. */
  function deleteUnused(): void {
    if (expireAfter === undefined || performance.now() < nextDeletion) return
    nextDeletion = performance.now() + deletionInterval
    queue.add({
      key: '',
      isWrite: true,
      run: ({ deleteUnused }) => deleteUnused(expireAfter, clock()),
      done({ keys, hasMore }) {
        for (const key of keys) watchers.callLater(key)
        if (hasMore) nextDeletion = 0
      },
      resolve: ignore,
      // The next deletion tries again.
      reject: ignore,
    })
  }

  return {
    scope: 'machine',
    read: (key) => call(key, false, (calls, text) => calls.read(text)),
    async compareAndSet(key, { epoch, data }, expectedRev, release) {
      const [record, holder] = [{ epoch, data }, release && { ...release }]
      return call(
        key,
        true,
        (calls, text) => calls.compareAndSet(text, record, expectedRev, holder),
        (isWritten, text) => isWritten && watchers.callLater(text),
      )
    },
    lease: (key, owner, ttl) => call(key, true, (calls, text) => calls.lease(text, owner, clock(), ttl)),
    release: (key, owner, fence) => call(key, true, (calls, text) => calls.release(text, { owner, fence })),
    watch(key, changed) {
      // Only an open file can be checked for changes.
      if (!queue.connection)
        queue.add({ key: '', isWrite: false, run: ignore, resolve: ignore, reject: ignore })
      return watchers.add(keyText(key), changed)
    },
    isWatching(key) {
      const { connection } = queue
      if (!connection || !watchers.has(keyText(key))) return false
      if (performance.now() - checkedAt < checkInterval) return true
      try {
        connection.assertCurrent()
        watchers.call(connection.changes.read())
        checkedAt = performance.now()
        return true
      } catch {
        // The next call of the store opens the file again, or reports the error.
        return false
      }
    },
    async *list() {
      for (let after = 0; ; ) {
        const rows = await call('', false, (calls) => calls.list(after))
        for (const { row, key } of rows) {
          if (key !== undefined) yield keyOfText(key)
          after = row
        }
        if (rows.length === 0) return
      }
    },
    close: () => queue.close(),
  }
}

function ignore(): void {}
