export type Table = 'records' | 'leases' | 'keys'

/** Receives the row of a key and returns the result of the call. It must be synchronous. */
export type Step<Row, T> = (row: Row | undefined, write: (row: Row) => void) => T

/** The storage that keeps the rows of a store. */
export interface Backend {
  /** Who shares the rows: the tabs of the origin, or this store alone. */
  readonly scope: 'origin' | 'process'
  /**
   * Runs a step on a row as one atomic operation, and resolves after the written row is stored. Rejects with
   * `storageDenied` if the browser denies this storage for good, and with any other error if the next call may succeed.
   */
  use<Row, T>(table: Table, key: string, step: Step<Row, T>, mode?: 'readonly' | 'readwrite'): Promise<T>
  close(): void
}

/** The reason that `use` rejects with if the browser denies the storage to the page. */
export const storageDenied: unique symbol = Symbol('denied')

/** How long a call waits for a backend, in milliseconds. It is shorter than the 12 seconds that a session gives a store. */
export const backendTimeout = 5000

/** Creates the error for a call that waited longer than `backendTimeout`. */
export function timeoutError(): DOMException {
  return new DOMException('', 'TimeoutError')
}

/** Returns the name of a lock or item of the origin. Different parts always result in different names. */
export function idOf(...parts: readonly string[]): string {
  return JSON.stringify(parts)
}

export const defaultName = 'pds-sessions'
