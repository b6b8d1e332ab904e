import type { PDSFetchResponse } from '../transport/fetch-types.ts'
import { readText, tooLong } from './read-text.ts'

/**
 * Returns a body of at most `limit` bytes as UTF-8 text, without its byte order mark.
 *
 * If the body is longer, throws `InvalidResponseError`, or returns its start if `truncate` is true. Throws the signal's
 * reason if the signal is aborted. In all these cases it cancels the body, which closes the connection.
 */
export async function readBody(
  response: PDSFetchResponse,
  limit: number,
  signal: AbortSignal,
  truncate = false,
): Promise<string> {
  // The response of a fetch polyfill may have no standard stream.
  const body = response.body as ReadableStream<Uint8Array> | null | undefined
  if (typeof body?.getReader !== 'function') return readText(response, limit, signal, truncate)
  const reader = body.getReader()
  // Does nothing after the end of the body.
  const cancel = () => void reader.cancel().catch(() => undefined)
  signal.addEventListener('abort', cancel)
  const decoder = new TextDecoder()
  let text = ''
  let left = limit
  try {
    while (left >= 0) {
      signal.throwIfAborted()
      const { done, value } = await reader.read()
      signal.throwIfAborted()
      if (done) return text + decoder.decode()
      text += decoder.decode(value.subarray(0, left), { stream: true })
      left -= value.length
    }
    if (truncate) return text
    throw tooLong(limit)
  } finally {
    signal.removeEventListener('abort', cancel)
    cancel()
  }
}
