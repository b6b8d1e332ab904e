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

// Increment it when the tables change in an incompatible way.
const version = 1
const tables: readonly Table[] = ['records', 'leases', 'keys']

/** Creates a backend over IndexedDB. It opens the database at the first use, and again after the connection was closed. */
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
        // The user or `versionchange` closed the connection before or during the call, which undid the call. An
        // unfinished deletion may also close the next connection.
        const wasClosed = ['InvalidStateError', 'AbortError'].includes(errorName(error))
        if (!wasClosed || reopens > 2 || !(database || reopens)) throw error
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
        const clearTimer = suspendAwareTimeout(backendTimeout, () => {
          const failure = timeoutError()
          reject(failure)
          // A call that was reported as failed must not write later.
          late.abort(failure)
        })
        attempt((database) => transact(database, mode, table, key, step, late.signal))
          .then(resolve, reject)
          .finally(clearTimer)
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
    // Throws if the page may not use storage.
    const request = indexedDB.open(name, version)
    request.onupgradeneeded = () => {
      for (const table of tables) request.result.createObjectStore(table)
    }
    request.onerror = () => reject(request.error)
    request.onsuccess = () => {
      const database = request.result
      // A page that deletes or upgrades the database waits until this connection is closed.
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
        // The transaction has finished, and may have succeeded.
      }
    }
    let result: T
    const rows = transaction.objectStore(table)
    const found: IDBRequest<Row | undefined> = rows.get(key)
    found.onsuccess = () => {
      try {
        result = step(found.result, (row) => rows.put(row, key))
      } catch (error) {
        // The step wrote nothing, so there is nothing to roll back.
        reject(error)
      }
    }
    // The row is stored only when the transaction completes.
    transaction.oncomplete = () => resolve(result)
    transaction.onabort = () => reject(transaction.error)
    late.onabort = abort
  })
}

/** Checks whether the runtime has IndexedDB. The browser may still deny its use. */
export function hasIndexedDB(): boolean {
  try {
    return Boolean(globalThis.indexedDB)
  } catch {
    return false
  }
}
