const help: { readonly [name: string]: string } = {
  VersionError: 'a newer version wrote the database: reload the page, or update @pds/session-web',
  NotFoundError: 'another program owns the database: give webStore another name',
  TimeoutError: 'no response, maybe because of another tab: retry',
}

/**
 * Returns the error that a call rejects with. It says what to do, if that is known.
 *
 * The new message contains only names: the original message may contain a stored value.
 */
export function storeError(error: unknown, name: string): Error {
  const kind = errorName(error)
  // The name differs between browsers, and in Firefox also between storages.
  const known = /quota/i.test(kind) ? 'the storage is full: free space and retry' : help[kind]
  return new Error(`web storage "${name}": ${kind}: ${known ?? 'the storage failed: retry'}`)
}

/** Returns the name of an error, for messages that must not contain the original message. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}

/**
 * Checks whether the connection to IndexedDB was lost. The names differ between browsers and moments; Safari uses
 * `UnknownError` when its storage process ended. A transaction that the browser aborts may have no error (`object`).
 */
export function isConnectionLost(error: unknown): boolean {
  return /^object|Abort|InvalidState|NotFound|Inactive|Unknown/.test(errorName(error))
}

/**
 * Checks whether a call failed because the browser denies the storage to all tabs of the origin. Only then may the store
 * use another backend.
 */
export async function isStorageDenied(error: unknown): Promise<boolean> {
  let kind = errorName(error)
  if (kind === 'UnknownError') {
    // Chromium throws it for a denial and for a disk failure. With a denial, all other storage is denied too.
    try {
      void globalThis.localStorage
      await navigator.locks.query()
    } catch (denial) {
      kind = errorName(denial)
    }
  }
  return kind === 'SecurityError'
}
