import { invalidParameter, suspendAwareTimeout } from '@pds/core/internal'
import {
  type Backend,
  backendTimeout,
  type Step,
  storageDenied,
  type Table,
  timeoutError,
} from './backend.ts'
import { errorName, isStorageDenied } from './store-error.ts'

// A change of the tables that this code could not work with raises it.
const version = 1
const tables: readonly Table[] = ['records', 'leases', 'keys']

/** A database of IndexedDB, opened at the first use, and again after it had to be closed. */
export function indexedDbBackend(name: string): Backend {
  let opening: Promise<IDBDatabase> | undefined
  let isClosed = false

  function open(): Promise<IDBDatabase> {
    if (isClosed) throw invalidParameter('the store is closed')
    if (opening) return opening
    if (!hasIndexedDB()) throw storageDenied
    const opened = openDatabase(name).catch(async (error: unknown) => {
      forget(opened)
      throw (await isStorageDenied(error)) ? storageDenied : error
    })
    opening = opened
    return opened
  }

  function forget(opened: Promise<IDBDatabase>): void {
    if (opening === opened) opening = undefined
  }

  async function attempt<T>(begin: (database: IDBDatabase) => Promise<T>): Promise<T> {
    for (let reopens = 0; ; reopens++) {
      const opened = open()
      let database: IDBDatabase | undefined
      try {
        database = await opened
        return await begin(database)
      } catch (error) {
        // The user or `versionchange` closed it before the call or during it, which undoes the call. A deletion that is
        // still under way may also take the next connection.
        const isTaken = ['InvalidStateError', 'AbortError'].includes(errorName(error))
        if (!isTaken || reopens > 2 || !(database || reopens)) throw error
        forget(opened)
        database?.close()
      }
    }
  }

  return {
    scope: 'origin',
    use(table, key, step, mode = 'readwrite') {
      return new Promise((resolve, reject) => {
        const late = new AbortController()
        const end = suspendAwareTimeout(backendTimeout, () => {
          const failure = timeoutError()
          reject(failure)
          // What its caller is told has failed must not be done later.
          late.abort(failure)
        })
        attempt((database) => transact(database, mode, table, key, step, late.signal))
          .then(resolve, reject)
          .finally(end)
      })
    },
    close() {
      isClosed = true
      opening?.then((database) => database.close()).catch(() => undefined)
    },
  }
}

function openDatabase(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    // Throws where a page may have no storage.
    const request = indexedDB.open(name, version)
    request.onupgradeneeded = () => {
      for (const table of tables) request.result.createObjectStore(table)
    }
    request.onerror = () => reject(request.error)
    request.onsuccess = () => {
      const database = request.result
      // Whoever deletes it, or brings it to a newer version, waits for that.
      database.onversionchange = () => database.close()
      resolve(database)
    }
  })
}

function transact<Row, T>(
  database: IDBDatabase,
  mode: IDBTransactionMode,
  table: Table,
  key: string,
  step: Step<Row, T>,
  late: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    late.throwIfAborted()
    const transaction = database.transaction(table, mode, { durability: 'strict' })
    const abort = () => {
      try {
        transaction.abort()
      } catch {
        // It is past that, and may be done after all.
      }
    }
    let result: T
    const rows = transaction.objectStore(table)
    const found: IDBRequest<Row | undefined> = rows.get(key)
    found.onsuccess = () => {
      try {
        result = step(found.result, (row) => rows.put(row, key))
      } catch (error) {
        // Nothing is written, and so nothing to be undone.
        reject(error)
      }
    }
    // Only now it is kept.
    transaction.oncomplete = () => resolve(result)
    transaction.onabort = () => reject(transaction.error)
    late.onabort = abort
  })
}

/** Whether there is IndexedDB at all: to use it may be denied all the same. */
export function hasIndexedDB(): boolean {
  try {
    return Boolean(globalThis.indexedDB)
  } catch {
    return false
  }
}
