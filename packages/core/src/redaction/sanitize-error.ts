import { redact } from './redact.ts'

/**
 * Makes a `cause` of what a caller's own function threw, for code that makes a method: its name, and its message and
 * stack with each secret masked, the given ones and what looks like one.
 *
 * What else hangs on an error, such as the request of an HTTP client, is left out: it would carry secrets into logs.
 */
export function callerError(reason: unknown, secrets: readonly string[] = []): Error {
  if (!(reason instanceof Error)) return new Error(`not an Error was thrown, but a ${typeof reason}`)
  const { name, message, stack } = reason
  const error = new Error()
  for (const [field, value] of Object.entries(redact({ name, message, stack }, secrets))) {
    if (typeof value === 'string') Object.defineProperty(error, field, { value, enumerable: false })
  }
  return error
}
