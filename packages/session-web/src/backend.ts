/** The stored row of a key. A damaged field can be of any type. */
export interface Row {
  /** It is null if the browser cannot read the row. */
  record?: unknown
  lease?: unknown
}

/**
 * Receives the row of a key and returns the result of the call. It calls `save` after it has changed the row. It must be
 * synchronous.
 */
export type Step<T> = (row: Row, save: () => void) => T

/** The storage that keeps the rows of a store. */
export interface Backend {
  /** Whether the tabs of the origin share the rows. */
  readonly isShared: boolean
  /**
   * Runs a step on the row of a key as one atomic operation, and resolves after a saved row is stored. May run the step
   * again if that failed.
   */
  use<T>(key: string, step: Step<T>, mode?: 'readonly' | 'readwrite'): Promise<T>
  close(): void
}

/** How long a call waits for a backend, in milliseconds. It is shorter than the 12 seconds that a session gives a store. */
export const backendTimeout = 5000

export const defaultName = 'pds-sessions'
