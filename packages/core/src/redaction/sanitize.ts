import { firstText } from '../errors/service-error.ts'
import { redact } from './redact.ts'

/**
 * Makes a `cause` of what a caller's own function threw, for code that makes a method: its name, and its message and
 * stack with each secret masked, the given ones and what looks like one.
 *
 * What else hangs on an error, such as the request of an HTTP client, is left out: it would carry secrets into logs.
 */
export function sanitizeError(reason: unknown, secrets: readonly string[] = []): Error {
  if (!(reason instanceof Error)) return new Error(`not an Error was thrown, but a ${typeof reason}`)
  const { name, message, stack } = reason
  const error = new Error()
  for (const [field, value] of Object.entries(redact({ name, message, stack }, secrets))) {
    if (typeof value === 'string') Object.defineProperty(error, field, { value, enumerable: false })
  }
  return error
}

/**
 * A text of somebody else as it may stand in an error, for code that makes a method: on one line, of no more than 1000
 * characters, without those that steer a terminal, and with each secret masked, the given ones and what looks like one.
 *
 * Undefined where nothing is left of it.
 */
export function sanitizeText(text: string, secrets: readonly string[]): string | undefined {
  // Most callbacks tell no error, and redacting nothing takes as long as redacting a text.
  return text === '' ? undefined : firstText(redact(text, secrets))
}
