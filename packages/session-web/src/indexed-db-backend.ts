import { listen, withTimeout } from '@pds/core/internal'
import { type Backend, backendTimeout, type Row, type Step } from './backend.ts'
import { ifAllowed } from './browser.ts'
import { isConnectionLost } from './store-error.ts'

// Increment it when the rows change in an incompatible way.
const version = 1
const table = 'rows'
// How often one call opens the database again. A deletion that has not finished may also close the next connection.
const maxReopens = 3

/**
 * Creates a backend over IndexedDB. It opens the database at the first use, and again after the connection was lost: the
 * user or another tab deleted the database, or the browser's storage process ended.
 *
 * Safari keeps a page in the back/forward cache even if it has an open transaction, which then blocks all other tabs. So
 * a page disconnects when it is hidden, and begins no transaction before it is shown again.
 */
export function indexedDbBackend(name: string): Backend {
  const transactions = new Set<IDBTransaction>()
  let connection: Promise<IDBDatabase> | undefined
  /** Resolves when the page is shown. */
  let shown: Promise<void> | undefined
  let stopListening: (() => void) | undefined
  let isClosed = false

  function hide(): void {
    disconnect(connection)
    shown = new Promise((resolve) => {
      const stop = listen('pageshow', () => {
        stop()
        resolve()
      })
    })
  }

  function connect(): Promise<IDBDatabase> {
    const opened = new Promise<IDBDatabase>((resolve, reject) => {
      // Throws if the page may not use storage.
      const request = indexedDB.open(name, version)
      request.onupgradeneeded = () => request.result.createObjectStore(table)
      request.onerror = () => reject(request.error)
      request.onsuccess = () => {
        const database = request.result
        // A page that deletes or upgrades the database waits until this connection is closed.
        database.onversionchange = database.onclose = lose
        resolve(database)
      }
    })
    const lose = () => disconnect(opened)
    opened.catch(lose)
    return opened
  }

  /** Aborts the transactions, whose calls then begin again, and lets them open another connection. */
  function disconnect(lost: Promise<IDBDatabase> | undefined): void {
    if (connection !== lost) return
    connection = undefined
    // Also a connection that opens late. Otherwise it blocks a deletion of the database.
    lost?.then(
      (database) => database.close(),
      () => undefined,
    )
    for (const transaction of transactions) {
      // Throws if the transaction is committed or has ended.
      ifAllowed(() => transaction.abort())
    }
  }

  function transact<T>(database: IDBDatabase, key: string, step: Step<T>, mode: IDBTransactionMode) {
    const transaction = database.transaction(table, mode, { durability: 'strict' })
    transactions.add(transaction)
    return new Promise<T>((resolve, reject) => {
      const rows = transaction.objectStore(table)
      const request = rows.get(key)
      const runStep = (row: Row) => {
        try {
          const result = step(row, () => rows.put(row, key))
          // The row is stored only when the transaction completes.
          transaction.oncomplete = () => resolve(result)
          // From now on the transaction does not need the page.
          transaction.commit()
        } catch (error) {
          transaction.abort()
          reject(error)
        }
      }
      request.onsuccess = () => runStep({ ...request.result })
      request.onerror = (event) => {
        if (isConnectionLost(request.error)) return
        // The row is damaged, for example because a file of the browser is missing. Without this, the transaction aborts.
        event.preventDefault()
        runStep({ record: null })
      }
      transaction.onabort = () => reject(transaction.error)
    }).finally(() => transactions.delete(transaction))
  }

  async function attempt<T>(
    key: string,
    step: Step<T>,
    mode: IDBTransactionMode,
    signal: AbortSignal,
  ): Promise<T> {
    for (let reopens = 0; ; reopens++) {
      await shown
      // A call that was reported as failed must not write later.
      if (isClosed || signal.aborted) throw signal.reason
      connection ??= connect()
      const opened = connection
      // Safari may never open a database or finish a transaction, but does so at the next attempt.
      signal.onabort = () => disconnect(opened)
      try {
        const database = await opened
        if (connection === opened) return await transact(database, key, step, mode)
      } catch (error) {
        // The lost connection undid the call.
        if (reopens === maxReopens || !isConnectionLost(error)) throw error
        disconnect(opened)
      }
    }
  }

  return {
    isShared: true,
    use(key, step, mode = 'readwrite') {
      stopListening ??= listen('pagehide', hide)
      return withTimeout(backendTimeout, (signal) => attempt(key, step, mode, signal))
    },
    close() {
      isClosed = true
      stopListening?.()
      disconnect(connection)
    },
  }
}
