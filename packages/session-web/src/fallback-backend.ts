import type { Backend } from './backend.ts'
import { localStorageBackend } from './local-storage-backend.ts'

/** Returns the backend for a page without IndexedDB. All tabs of an origin choose the same kind. */
export function fallbackBackend(name: string): Backend {
  // Do not use the storage of a server runtime: all of its users would share it.
  const hasPage = typeof document === 'object'
  const { locks } = globalThis.navigator ?? {}
  try {
    const storage = hasPage && globalThis.localStorage
    if (storage && locks) return localStorageBackend(name, storage, locks)
  } catch {
    // The browser denies access to `localStorage` too.
  }
  return memoryBackend()
}

function memoryBackend(): Backend {
  const tables = new Map<string, Map<string, unknown>>()
  return {
    scope: 'process',
    async use<Row, T>(
      table: string,
      key: string,
      step: (row: Row | undefined, write: (row: Row) => void) => T,
    ) {
      const rows = tables.get(table) ?? new Map()
      tables.set(table, rows)
      return step(rows.get(key), (row) => rows.set(key, row))
    },
    close() {},
  }
}
