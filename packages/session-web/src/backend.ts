import type { OptionValidator } from '@pds/core/internal'

export type Table = 'records' | 'leases' | 'keys'

/** Looks at the row of a key and gives what the call resolves with. Runs to its end at once: it must not wait. */
export type Step<Row, T> = (row: Row | undefined, write: (row: Row) => void) => T

/** Where rows are kept. */
export interface Backend {
  /** Who shares them. */
  readonly scope: 'origin' | 'process'
  /**
   * Takes a step on a row that nobody else comes between. Resolves once what it wrote is kept. Rejects with `denied`
   * where this place can never be used, and with anything else where the next call may succeed.
   */
  use<Row, T>(table: Table, key: string, step: Step<Row, T>, mode?: 'readonly' | 'readwrite'): Promise<T>
  close(): void
}

/** What `use` rejects with where the browser lets the page have no such place. */
export const storageDenied: unique symbol = Symbol('denied')

/** How long a call waits for a place: less than the 12 seconds that a session gives a store. In milliseconds. */
export const backendTimeout = 5000

/** What a call rejects with that has waited for longer. */
export function timeoutError(): DOMException {
  return new DOMException('', 'TimeoutError')
}

/** What a name stands for among the locks and items of an origin: no two lists give the same. */
export function idOf(...parts: readonly string[]): string {
  return JSON.stringify(parts)
}

export const defaultName = 'pds-sessions'

export const nameOption: OptionValidator = {
  wants: 'a non-empty string',
  accepts: (value) => typeof value === 'string' && value !== '',
}
