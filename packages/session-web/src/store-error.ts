import { isPDSError } from '@pds/core/internal'

const full = 'the storage of this origin is full: free space and retry'

const help: Readonly<Record<string, string>> = {
  QuotaExceededError: full,
  // The name in Firefox for `localStorage`.
  NS_ERROR_DOM_QUOTA_REACHED: full,
  VersionError: 'a newer @pds/session-web wrote the database: reload the page, or update the package',
  NotFoundError: 'another program owns the database: give webStore a separate name',
  TimeoutError: 'the storage did not respond, for example because another tab blocks it: retry',
}

/**
 * Returns the error that a call rejects with. A `PDSError` is returned unchanged. Any other error becomes an `Error` that
 * says what to do, if that is known.
 *
 * The new message contains only names: the original message may contain a stored value.
 */
export function storeError(error: unknown, name: string): unknown {
  if (isPDSError(error)) return error
  const kind = errorName(error)
  return new Error(`web storage "${name}": ${kind}: ${help[kind] ?? 'the storage failed: retry'}`)
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
  return /^(object|(Abort|InvalidState|NotFound|TransactionInactive|Unknown)Error)$/.test(errorName(error))
}

/**
 * Checks whether IndexedDB could not be opened because the browser denies it to all tabs of the origin. Only then may the
 * store use another backend.
 */
export async function isStorageDenied(error: unknown): Promise<boolean> {
  // Private windows of Firefox before 115 throw `InvalidStateError`.
  if (/^(Security|InvalidState)Error$/.test(errorName(error))) return true
  try {
    // Chromium throws `UnknownError` for a denial and for a disk failure. With a denial, all other storage is denied too.
    await globalThis.navigator.locks?.query()
    void globalThis.localStorage
    return false
  } catch (denial) {
    return errorName(denial) === 'SecurityError'
  }
}
