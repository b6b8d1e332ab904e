import { sanitizeError } from '@pds/core/internal'

// Shorter pieces stand in any message; longer ones are no coincidence.
const piece = 8

/**
 * Makes the error of a store of what its client threw: the message alone, since the errors of clients carry the
 * arguments of their command, and not even that where it repeats a part of what was sent, as servers do with a
 * command that they do not know.
 */
export function redisError(reason: unknown, sent: readonly string[]): Error {
  const { message } = sanitizeError(reason)
  const kind = kindOf(reason)
  if (message === '') return new Error(`Redis: ${kind}`)
  if (!repeats(message, sent)) return new Error(`Redis: ${message}`)
  const word = /^[A-Z]+\b/.exec(message)?.[0] ?? kind
  return new Error(`Redis: ${word}, with a message that is left out, for it repeats what was sent`)
}

/** What tells errors without a message apart: the code of Node, such as ECONNREFUSED, or the class. */
function kindOf(reason: unknown): string {
  if (!(reason instanceof Error)) return typeof reason
  const { code } = reason as { code?: unknown }
  return typeof code === 'string' && /^[A-Z_]+$/.test(code) ? code : reason.constructor.name
}

function repeats(message: string, sent: readonly string[]): boolean {
  for (let start = 0; start + piece <= message.length; start++) {
    const part = message.slice(start, start + piece)
    if (sent.some((text) => text.includes(part))) return true
  }
  return false
}
