import type { DatabaseSync } from 'node:sqlite'
import { checkOptions, functionOption, invalidParameter, type OptionValidator } from '@pds/core/internal'
import type { Store } from '@pds/session'
import { builtin, openDatabase } from './open-database.ts'
import { type DatabaseCalls, prepareCalls } from './prepared-statements.ts'
import { retryWhileLocked } from './retry-while-locked.ts'
import { storeError } from './store-error.ts'

/** The options of `sqliteStore`. */
export interface SqliteStoreOptions {
  /** The file that the sessions are kept in. It is created where it is missing; its folder must be there. */
  path: string
  /** Times the leases, in milliseconds since the epoch: the same time in all processes. Default: `Date.now`. */
  clock?: (() => number) | undefined
}

/** A store that has a file open. */
export interface SqliteStore extends Store {
  /** `machine`: the processes of one machine share the file. */
  readonly scope: 'machine'
  /** Closes the file. Calls that wait, and those that come later, reject with a `PDSError` `InvalidParameter`. */
  close(): void
}

const storeOptions: Readonly<Record<keyof SqliteStoreOptions, OptionValidator>> = {
  path: {
    wants: "the path of a file (for sessions in memory there is memoryStore of '@pds/session')",
    accepts: (value) =>
      typeof value === 'string' && !['', ':memory:'].includes(value) && !value.includes('\0'),
  },
  clock: functionOption,
}

/**
 * Makes a store in a SQLite file, for the sessions of all processes of one machine.
 *
 * The file is opened at the first call, with mode 0600. A call waits up to 10 seconds for the locks of other processes,
 * without stopping this one. There is no `watch`: a SQLite file cannot tell that it was changed, sessions look again.
 *
 * Throws a `PDSError` `InvalidParameter` for an option that is unknown, missing or wrong. Calls reject with a
 * `PDSError` `UnsupportedEnvironment` where the runtime has no `node:sqlite` (Node.js before 22.13, browsers), and with
 * an `Error` that names the file and holds nothing of its records where the file cannot be used.
 */
export function sqliteStore(options: SqliteStoreOptions): SqliteStore {
  const { path, clock = Date.now } = checkOptions('the options', '', options, storeOptions)
  if (path === undefined) throw invalidParameter(`path is required: ${storeOptions.path.wants}`)
  // The folder that the process is in may be another one at the first call.
  const file = builtin('node:path')?.resolve(path) ?? path
  let database: DatabaseSync | undefined
  let opening: Promise<DatabaseCalls> | undefined
  let isClosed = false

  function refuseClosed(): void {
    if (isClosed) throw invalidParameter('the store is closed')
  }

  function open(): DatabaseCalls {
    refuseClosed()
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

  async function call<T>(use: (calls: DatabaseCalls) => T): Promise<T> {
    const since = performance.now()
    try {
      opening ??= retryWhileLocked(open, since).catch((error) => {
        opening = undefined
        throw error
      })
      const calls = await opening
      return await retryWhileLocked(() => {
        refuseClosed()
        return use(calls)
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
