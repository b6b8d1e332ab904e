import { isPDSError } from '@pds/core'
import { nameOf } from './name-of.ts'

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
export function storeFailure(error: unknown, name: string): unknown {
  if (isPDSError(error)) return error
  const kind = nameOf(error)
  return new Error(`web storage "${name}": ${kind}: ${help[kind] ?? 'it failed, try again'}`)
}
