export type Table = 'records' | 'leases' | 'keys'

/** The rows of a key. A damaged row can be of any type. It is null if it cannot be read. */
export type Rows = Partial<Record<Table, unknown>>

/** Replaces a row of the key. */
export type Write = (table: Table, row: unknown) => void

/** Receives the rows of a key and returns the result of the call. It must be synchronous. */
export type Step<T> = (rows: Rows, write: Write) => T

/** The storage that keeps the rows of a store. */
export interface Backend {
  /** Who shares the rows: the tabs of the origin, or this store alone. */
  readonly scope: 'origin' | 'process'
  /**
   * Runs a step on the rows of a key in some tables as one atomic operation, and resolves after the written rows are
   * stored. Rejects with `storageDenied` if the browser denies this storage for good, and with any other error if the
   * next call may succeed.
   */
  use<T>(tables: Table[], key: string, step: Step<T>, mode?: 'readonly' | 'readwrite'): Promise<T>
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

/** Opens a channel to the other tabs. Returns undefined if the browser has none, or denies it together with the storage. */
export function openChannel(name: string): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(name)
  } catch {
    return undefined
  }
}

/** Waits for a Web Lock. Returns the function that frees it. */
export function holdLock(name: string, options: LockOptions): Promise<() => void> {
  return new Promise((resolve, reject) => {
    // The lock is held until this promise is resolved, so its `resolve` frees the lock.
    navigator.locks.request(name, options, () => new Promise<void>(resolve)).catch(reject)
  })
}

/** Checks whether this is a page, and neither a worker nor a server. */
export function isPage(): boolean {
  return typeof document === 'object'
}

export const defaultName = 'pds-sessions'
