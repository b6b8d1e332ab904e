import { firstText } from '../errors/service-error.ts'
import { redact } from './redact.ts'

/**
 * Returns an error that is safe to use as a `cause`: it has the name, message and stack of a thrown value, redacted.
 *
 * Other properties are dropped, because they may contain secrets: the errors of HTTP clients, for example, contain the
 * request. `secrets` are redacted in addition to texts that look like secrets.
 */
export function sanitizeError(reason: unknown, secrets: readonly string[] = []): Error {
  if (!(reason instanceof Error))
    return new Error(`a value of type ${typeof reason} was thrown instead of an Error`)
  const { name, message, stack } = reason
  const error = new Error()
  for (const [field, value] of Object.entries(redact({ name, message, stack }, secrets))) {
    if (typeof value === 'string') Object.defineProperty(error, field, { value, enumerable: false })
  }
  return error
}

/**
 * Returns an untrusted text as one line that is safe in an error message, or undefined if nothing is left of it.
 *
 * The line has no control characters, at most 1000 characters, and redacted secrets: the given ones and texts that look
 * like secrets.
 */
export function sanitizeText(text: string, secrets: readonly string[]): string | undefined {
  // Most callbacks have no error text, and redacting has a fixed cost.
  return text === '' ? undefined : firstText(redact(text, secrets))
}
