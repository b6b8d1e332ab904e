import { sanitizeError } from '@pds/core/internal'

// Fewer equal characters in a row may be a coincidence.
const minRepeatedLength = 8

/**
 * Creates the error that a store rejects with. It contains only the message that the client threw, because errors of
 * clients carry the arguments of the command. A message that repeats a part of the request is omitted: servers repeat
 * the arguments of an unknown command.
 */
export function redisError(reason: unknown, sent: readonly string[]): Error {
  const { message } = sanitizeError(reason)
  const kind = errorKind(reason)
  if (message === '') return new Error(`Redis: ${kind}`)
  if (!repeatsRequest(message, sent)) return new Error(`Redis: ${message}`)
  const word = /^[A-Z]+\b/.exec(message)?.[0] ?? kind
  return new Error(`Redis: ${word} (message omitted: it repeats a part of the request)`)
}

/** Returns a name for an error without a message: its Node.js error code, such as ECONNREFUSED, or its class. */
function errorKind(reason: unknown): string {
  if (!(reason instanceof Error)) return typeof reason
  const { code } = reason as { code?: unknown }
  return typeof code === 'string' && /^[A-Z_]+$/.test(code) ? code : reason.constructor.name
}

function repeatsRequest(message: string, sent: readonly string[]): boolean {
  for (let start = 0; start + minRepeatedLength <= message.length; start++) {
    const part = message.slice(start, start + minRepeatedLength)
    if (sent.some((text) => text.includes(part))) return true
  }
  return false
}
