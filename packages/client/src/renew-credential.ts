import { isPDSError, type OptionValidator, PDSError, sanitizeError } from '@pds/core/internal'

/**
 * Calls the function of an application that renews a credential, and checks what it gives.
 *
 * Throws a `PDSError` `RefreshFailed`, whose `cause` is the `PDSError` that the function threw, or says of another
 * error what is no secret. `secrets` are those of the credential that is to be renewed.
 */
export async function renewCredential<T, Kept>(
  name: string,
  renew: () => T | Promise<T>,
  kind: OptionValidator,
  keep: (value: T) => Kept,
  secrets: readonly string[],
): Promise<Kept> {
  try {
    const value = await renew()
    if (kind.accepts(value)) return keep(value)
  } catch (error) {
    throw refreshFailed(`${name} threw, see cause`, isPDSError(error) ? error : sanitizeError(error, secrets))
  }
  throw refreshFailed(`${name} must give ${kind.wants}`)
}

/** The error for a credential that could not be renewed. */
export function refreshFailed(message: string, cause?: Error): PDSError {
  return new PDSError(message, { code: 'RefreshFailed', outcome: 'not-sent', cause })
}
