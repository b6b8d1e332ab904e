import type { DatabaseSync } from 'node:sqlite'
import { checkOptions, functionOption, invalidParameter, type OptionValidator } from '@pds/core/internal'
import type { Store } from '@pds/session'
import { builtin, openDatabase } from './open-database.ts'
import { type DatabaseCalls, prepareCalls } from './prepared-statements.ts'
import { retryWhileLocked } from './retry-while-locked.ts'
import { storeError } from './store-error.ts'

/** The options of `sqliteStore`. */
export interface SqliteStoreOptions {
  /** The path of the database file. The store creates a missing file, but not its folder. */
  path: string
  /**
   * Returns the time for leases, in milliseconds since the epoch. All processes must use the same time. Default:
   * `Date.now`.
   */
  clock?: (() => number) | undefined
}

/** A store in a SQLite file. */
export interface SqliteStore extends Store {
  /** `machine`: the processes of one machine share the sessions. */
  readonly scope: 'machine'
  /** Closes the file. Waiting and later calls reject with a `PDSError` with code `InvalidParameter`. */
  close(): void
}

const storeOptions: Readonly<Record<keyof SqliteStoreOptions, OptionValidator>> = {
  path: {
    wants: "the path of a file (for sessions in memory, use memoryStore of '@pds/session')",
    accepts: (value) =>
      typeof value === 'string' && !['', ':memory:'].includes(value) && !value.includes('\0'),
    isRequired: true,
  },
  clock: functionOption,
}

/**
 * Creates a store in a SQLite file, which the processes of one machine share.
 *
 * The first call opens the file, and creates it with mode 0600 if it is missing. A call waits up to 10 seconds for the
 * locks of other processes, without blocking the event loop. The store has no `watch`, because SQLite does not notify
 * other processes of changes: sessions read the store again when they need a token.
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
  const { path, clock = Date.now } = checkOptions('sqliteStore', options, storeOptions)
  // Resolve the path now: the working directory may change before the first call.
  const file = builtin('node:path')?.resolve(path) ?? path
  let database: DatabaseSync | undefined
  let opening: Promise<DatabaseCalls> | undefined
  let isClosed = false

  function assertOpen(): void {
    if (isClosed) throw invalidParameter('the store is closed')
  }

  function open(): DatabaseCalls {
    assertOpen()
    const opened = openDatabase(file)
    try {
      const calls = prepareCalls(opened)
      database = opened
      return calls
    } catch (error) {
      opened.close()
      throw error
    }
  }

  async function call<T>(run: (calls: DatabaseCalls) => T): Promise<T> {
    const since = performance.now()
    try {
      opening ??= retryWhileLocked(open, since).catch((error) => {
        opening = undefined
        throw error
      })
      const calls = await opening
      return await retryWhileLocked(() => {
        assertOpen()
        return run(calls)
      }, since)
    } catch (error) {
      throw storeError(error, file)
    }
  }

  return {
    scope: 'machine',
    read: (key) => call((calls) => calls.read(key)),
    async compareAndSet(key, { epoch, data }, expectedRev) {
      const record = { epoch, data }
      return call((calls) =>
        expectedRev === 0 ? calls.insert(key, record) : calls.update(key, record, expectedRev),
      )
    },
    lease: (key, owner, ttl) => call((calls) => calls.lease(key, owner, clock(), ttl)),
    release: (key, owner, fence) => call((calls) => calls.release(key, owner, fence)),
    close() {
      isClosed = true
      database?.close()
      database = undefined
    },
  }
}
