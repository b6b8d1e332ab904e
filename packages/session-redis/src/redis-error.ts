import { sanitizeError } from '@pds/core/internal'

// Fewer equal characters in a row may be a coincidence.
const minRepeatedLength = 8
// What a client of @upstash/redis and `fetch` append to their messages: all commands of a pipeline, also those of other
// sessions, the response, or the REST token.
const appended = /(, command was: |(?<=\bresponse body): |(?<=\bBearer) ).*/s

/**
 * Creates the error that a store rejects with. It contains only the message that the client threw, because errors of
 * clients carry the arguments of the command. A message that repeats a part of the request is omitted: servers repeat
 * the arguments of an unknown command.
 *
 * @param call The function of the client that was called, and its library.
 */
export function redisError(reason: unknown, sent: readonly string[], call: string): Error {
  const message = sanitizeError(reason).message.replace(appended, '')
  const kind = errorKind(reason)
  if (repeatsRequest(message, sent)) {
    const word = /^[A-Z]+\b/.exec(message)?.[0] ?? kind
    return new Error(`Redis: ${word} (message omitted: it repeats a part of the request) (${call})`)
  }
  const code = codeOf((Object(reason) as Error).cause)
  return new Error(`Redis: ${message || kind}${code ? `: ${code}` : ''} (${call})`)
}

/** Returns a name for an error without a message: its Node.js error code, such as ECONNREFUSED, or its class. */
function errorKind(reason: unknown): string {
  if (!(reason instanceof Error)) return typeof reason
  return codeOf(reason) ?? reason.constructor.name
}

function codeOf(reason: unknown): string | undefined {
  const { code } = Object(reason) as { code?: unknown }
  return typeof code === 'string' && /^[A-Z_]+$/.test(code) ? code : undefined
}

function repeatsRequest(message: string, sent: readonly string[]): boolean {
  for (let start = 0; start + minRepeatedLength <= message.length; start++) {
    const part = message.slice(start, start + minRepeatedLength)
    if (sent.some((text) => text.includes(part))) return true
  }
  return false
}
