import { onAbort } from '#platform'
import { InvalidResponseError } from '../errors/attempt-errors.ts'
import { rejectOnAbort } from './abortable.ts'
import type { PDSFetchResponse } from './fetch-types.ts'

/**
 * Returns a body of at most `limit` bytes as UTF-8 text, without its byte order mark.
 *
 * Throws `InvalidResponseError` if the body is longer, and the signal's reason if the signal is aborted. In both cases
 * it cancels the body, which closes the connection.
 */
export async function readBody(
  response: PDSFetchResponse,
  limit: number,
  signal: AbortSignal,
): Promise<string> {
  const tooLong = () =>
    new InvalidResponseError(`the response is longer than ${limit} bytes (option maxContentLength)`)
  // The response of a fetch polyfill may have no standard stream.
  const body = response.body as ReadableStream<Uint8Array> | null | undefined
  if (typeof body?.getReader !== 'function') {
    const text = await rejectOnAbort(signal, response.text())
    if (text.length > limit) throw tooLong()
    return text.replace(/^\uFEFF/, '')
  }
  const reader = body.getReader()
  const cancel = () => void reader.cancel().catch(() => undefined)
  const unsubscribe = onAbort(signal, cancel)
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      signal.throwIfAborted()
      if (done) return text + decoder.decode()
      size += value.length
      if (size > limit) throw tooLong()
      text += decoder.decode(value, { stream: true })
    }
  } finally {
    unsubscribe()
    cancel()
  }
}
