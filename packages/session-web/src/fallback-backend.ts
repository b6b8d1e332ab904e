import type { Backend } from './backend.ts'
import { localStorageBackend } from './local-storage-backend.ts'

/** Where rows are kept where IndexedDB is denied: the same for all tabs of an origin. */
export function fallbackBackend(name: string): Backend {
  // Not that of a server: all whom it serves would share it.
  const hasPage = typeof document === 'object'
  const { locks } = globalThis.navigator ?? {}
  try {
    const storage = hasPage && globalThis.localStorage
    if (storage && locks) return localStorageBackend(name, storage, locks)
  } catch {
    // To read it is denied, too.
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
