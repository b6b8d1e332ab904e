import { invalidParameter, suspendAwareTimeout } from '@pds/core/internal'
import {
  type Backend,
  backendTimeout,
  type Rows,
  type Step,
  storageDenied,
  type Table,
  timeoutError,
} from './backend.ts'
import { createPageVisit, type PageVisit } from './page-visit.ts'
import { isConnectionLost, isStorageDenied } from './store-error.ts'

// Increment it when the tables change in an incompatible way.
const version = 1
const tables: readonly Table[] = ['records', 'leases', 'keys']
/** The reason of a transaction that was aborted because the page was hidden. */
const hidden: unique symbol = Symbol('hidden')
// How often one call opens the database again. A deletion that has not finished may also close the next connection.
const maxReopens = 3

/**
 * Creates a backend over IndexedDB. It opens the database at the first use, and again after the connection was lost: the
 * user or another tab deleted the database, or the browser's storage process ended.
 */
export function indexedDbBackend(name: string): Backend {
  const visit = createPageVisit()
  let opening: Promise<IDBDatabase> | undefined
  let isClosed = false

  function open(): Promise<IDBDatabase> {
    if (isClosed) throw invalidParameter('the store is closed')
    if (opening) return opening
    if (!hasIndexedDB()) throw storageDenied
    const opened = openDatabase(name, () => forget(opened)).catch(async (error: unknown) => {
      forget(opened)
      throw (await isStorageDenied(error)) ? storageDenied : error
    })
    opening = opened
    return opened
  }

  /** Closes a connection now or when it is open, and lets the next call open another one. */
  function forget(opened: Promise<IDBDatabase> | undefined): void {
    if (opening === opened) opening = undefined
    opened?.then((database) => database.close()).catch(() => undefined)
  }

  async function attempt<T>(begin: (database: IDBDatabase) => Promise<T>): Promise<T> {
    for (let reopens = 0; ; reopens++) {
      await visit.shown()
      const opened = open()
      try {
        const database = await opened
        await visit.shown()
        return await begin(database)
      } catch (error) {
        if (error === hidden) {
          reopens--
          continue
        }
        // The lost connection undid the call.
        if (reopens === maxReopens || !isConnectionLost(error)) throw error
        forget(opened)
      }
    }
  }

  return {
    scope: 'origin',
    use(tables, key, step, mode = 'readwrite') {
      return new Promise((resolve, reject) => {
        const late = new AbortController()
        const clearTimer = suspendAwareTimeout(backendTimeout, () => {
          const failure = timeoutError()
          reject(failure)
          // A call that was reported as failed must not write later.
          late.abort(failure)
          // Safari may never open a database or finish a transaction, but does so at the next attempt.
          forget(opening)
        })
        attempt((database) => transact(database, visit, mode, tables, key, step, late.signal))
          .then(resolve, reject)
          .finally(clearTimer)
      })
    },
    close() {
      isClosed = true
      visit.close()
      forget(opening)
    },
  }
}

function openDatabase(name: string, lost: () => void): Promise<IDBDatabase> {
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
      database.onversionchange = lost
      database.onclose = lost
      resolve(database)
    }
  })
}

function transact<T>(
  database: IDBDatabase,
  visit: PageVisit,
  mode: IDBTransactionMode,
  tables: Table[],
  key: string,
  step: Step<T>,
  late: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    late.throwIfAborted()
    const transaction = database.transaction(tables, mode, { durability: 'strict' })
    const unguard = visit.guard(transaction)
    let result: T
    const rows: Rows = {}
    tables.forEach((table, index) => {
      const found = transaction.objectStore(table).get(key)
      const add = (row: unknown) => {
        rows[table] = row
        // The requests of a transaction finish in their order.
        if (index < tables.length - 1) return
        try {
          result = step(rows, (table, row) => transaction.objectStore(table).put(row, key))
          // From now on the transaction does not need the page.
          transaction.commit?.()
          unguard()
        } catch (error) {
          transaction.abort()
          reject(error)
        }
      }
      found.onsuccess = () => add(found.result)
      found.onerror = (event) => {
        if (isConnectionLost(found.error)) return
        // The row is damaged, for example because a file of the browser is missing. Without this, the transaction aborts.
        event.preventDefault()
        add(null)
      }
    })
    // The rows are stored only when the transaction completes.
    transaction.oncomplete = () => resolve(result)
    transaction.onabort = () => {
      unguard()
      reject(transaction.error ?? hidden)
    }
    late.onabort = () => {
      try {
        transaction.abort()
      } catch {
        // The transaction has finished, and may have succeeded.
      }
    }
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
