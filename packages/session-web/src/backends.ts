import type { Backend, Rows, Step } from './backend.ts'
import { isPage } from './backend.ts'
import { hasIndexedDB, indexedDbBackend } from './indexed-db-backend.ts'
import { localStorageBackend } from './local-storage-backend.ts'

/**
 * Yields the backends of a page, best first. The next one is for a page to which the browser denies the one before. All
 * tabs of an origin choose the same kind.
 */
export function* backendsOf(name: string): Generator<Backend, Backend> {
  if (hasIndexedDB()) yield indexedDbBackend(name)
  const storage = findLocalStorage()
  if (storage) yield localStorageBackend(name, storage)
  return memoryBackend()
}

/** Returns the `localStorage` of a page that also has the Web Locks to use it safely. */
export function findLocalStorage(): Storage | undefined {
  try {
    // Do not use the storage of a server runtime: all of its users would share it.
    return isPage() && navigator.locks ? globalThis.localStorage : undefined
  } catch {
    // The browser denies access to `localStorage` too.
    return undefined
  }
}

function memoryBackend(): Backend {
  const rowsOf = new Map<string, Rows>()
  return {
    scope: 'process',
    async use<T>(_tables: unknown, key: string, step: Step<T>) {
      const rows = rowsOf.get(key) ?? {}
      rowsOf.set(key, rows)
      return step(rows, (table, row) => {
        rows[table] = row
      })
    },
    close() {},
  }
}
