import { isPDSError } from '@pds/core/internal'

const full = 'the storage of this origin is full: make room in it, and go on'

const help: Readonly<Record<string, string>> = {
  QuotaExceededError: full,
  // Firefox, of localStorage.
  NS_ERROR_DOM_QUOTA_REACHED: full,
  VersionError: 'a newer @pds/session-web wrote it: load the page anew, or update',
  NotFoundError: 'it is the database of something else: give webStore a name of its own',
  SyntaxError: 'an item of localStorage with this name in its key is damaged: remove it, and sign in again',
  TimeoutError: 'no answer, as where another tab holds on to it: try again',
}

/**
 * What a call rejects with, for anything but a `PDSError`: an error that says what to do, where that is known.
 *
 * Its text is made of names, never of the message that came, which may hold a value.
 */
export function storeError(error: unknown, name: string): unknown {
  if (isPDSError(error)) return error
  const kind = errorName(error)
  return new Error(`web storage "${name}": ${kind}: ${help[kind] ?? 'it failed, try again'}`)
}

/** What an error is called, for texts that may not hold its message. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}

/**
 * Whether IndexedDB could not be opened since the browser lets the page have none, as it will for all tabs of the
 * origin: only then may another place be used.
 */
export async function isStorageDenied(error: unknown): Promise<boolean> {
  // `InvalidStateError` is that of private windows of Firefox before 115.
  if (['SecurityError', 'InvalidStateError'].includes(errorName(error))) return true
  try {
    // Chromium calls a denial an `UnknownError`, as it does a disk that fails; but it then denies all storage.
    await globalThis.navigator.locks?.query()
    void globalThis.localStorage
    return false
  } catch (refusal) {
    return errorName(refusal) === 'SecurityError'
  }
}
