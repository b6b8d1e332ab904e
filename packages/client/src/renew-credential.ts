import { isPDSError, type OptionValidator, PDSError, sanitizeError, trimTokens } from '@pds/core/internal'

/**
 * Calls a function of the application that renews a credential. Returns the checked and converted result.
 *
 * Throws a `PDSError` with code `RefreshFailed`. Its `cause` is the `PDSError` that the function threw, or a sanitized
 * copy of another error. `secrets` are the secrets of the credential before the renewal.
 */
export async function renewCredential<T, Stored>(
  name: string,
  renew: () => T | Promise<T>,
  validator: OptionValidator,
  toStored: (value: T) => Stored,
  secrets: readonly string[],
): Promise<Stored> {
  try {
    const value = trimCredential(await renew())
    if (validator.accepts(value)) return toStored(value)
  } catch (error) {
    throw refreshFailed(`${name} threw, see cause`, isPDSError(error) ? error : sanitizeError(error, secrets))
  }
  throw refreshFailed(`${name} must return ${validator.wants}`)
}

/** Removes whitespace around the tokens of a credential, for example the line break after the output of a program. */
export function trimCredential<T>(credential: T): T {
  if (typeof credential === 'string') return credential.trim() as T
  return typeof credential === 'object' && credential ? trimTokens(credential) : credential
}

/** Creates the error for a credential that could not be renewed. */
export function refreshFailed(message: string, cause?: Error): PDSError {
  return new PDSError(message, { code: 'RefreshFailed', outcome: 'not-sent', cause })
}
