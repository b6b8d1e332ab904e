import type { Backend, Row } from './backend.ts'
import { ifAllowed, isPage } from './browser.ts'
import { indexedDbBackend } from './indexed-db-backend.ts'
import { localStorageBackend } from './local-storage-backend.ts'

/**
 * Yields the backends of a page, best first. The next one is for a page to which the browser denies the one before. All
 * tabs of an origin choose the same kind.
 */
export function* backendsOf(name: string): Generator<Backend, Backend> {
  if (hasIndexedDB()) yield indexedDbBackend(name)
  if (findLocalStorage()) yield localStorageBackend(name)
  return memoryBackend()
}

/** Checks whether the runtime has IndexedDB. The browser may still deny its use. */
export function hasIndexedDB(): boolean {
  return Boolean(ifAllowed(() => globalThis.indexedDB))
}

/** Returns the `localStorage` of a page that also has the Web Locks to use it safely. */
export function findLocalStorage(): Storage | undefined {
  // Do not use the storage of a server runtime: all of its users would share it.
  if (!isPage() || !navigator.locks) return undefined
  return ifAllowed(() => globalThis.localStorage)
}

function memoryBackend(): Backend {
  const rows = new Map<string, Row>()
  return {
    isShared: false,
    async use(key, step) {
      const row = rows.get(key) ?? {}
      return step(row, () => rows.set(key, row))
    },
    close() {},
  }
}
