import { redactPatterns } from '#platform'
import { firstText } from '../errors/service-error.ts'
import { createRedactor } from './create-redactor.ts'

// In characters. Longer messages are no messages, for example the body of a response.
const maxLength = 10_000

/**
 * Returns an error that is safe to use as a `cause`: it has the name, message and stack of a thrown value, redacted.
 *
 * Other properties are dropped, because they may contain secrets: the errors of HTTP clients, for example, contain the
 * request. `secrets` are redacted in addition to texts that look like secrets.
 */
export function sanitizeError(reason: unknown, secrets: readonly string[] = []): Error {
  const error = new Error(`a value of type ${typeof reason} was thrown instead of an Error`)
  const redact = createRedactor(secrets, redactPatterns)
  try {
    // A getter or a Proxy may throw. Not instanceof: in test runners, the errors of Node.js are of another realm.
    const { name, message, stack } = Object(reason)
    if (typeof name !== 'string' || typeof message !== 'string') return error
    for (const [field, text] of Object.entries({ name, message, stack })) {
      // The lines of the calls start after the message, which may be hidden. Not every browser writes these lines so.
      const parts = typeof text === 'string' ? text.slice(0, maxLength).split(/(?=\n\s{1,9}at )/) : []
      Object.defineProperty(error, field, { value: redact(parts).join('') })
    }
  } catch {
    // The error then has no part of the reason.
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
  return text === '' ? undefined : firstText(createRedactor(secrets)(text, true))
}
