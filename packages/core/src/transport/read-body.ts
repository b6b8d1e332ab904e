import { onAbort } from '#platform'
import { InvalidResponseError } from '../errors/attempt-errors.ts'
import { rejectOnAbort } from './abortable.ts'
import type { PDSFetchResponse } from './fetch-types.ts'

/**
 * Reads a body of at most `limit` bytes as UTF-8 text, without its byte order mark.
 *
 * Throws `InvalidResponseError` for a longer one, and the signal's reason where that is aborted: the body is then
 * cancelled, so that its connection does not stay open.
 */
export async function readBody(
  response: PDSFetchResponse,
  limit: number,
  signal: AbortSignal,
): Promise<string> {
  const tooLong = () =>
    new InvalidResponseError(`the response is longer than ${limit} bytes (option maxContentLength)`)
  // What a polyfill of fetch gives may have no stream of the standard.
  const body = response.body as ReadableStream<Uint8Array> | null | undefined
  if (typeof body?.getReader !== 'function') {
    const text = await rejectOnAbort(signal, response.text())
    if (text.length > limit) throw tooLong()
    return text.replace(/^\uFEFF/, '')
  }
  const reader = body.getReader()
  const cancel = () => void reader.cancel().catch(() => undefined)
  const forget = onAbort(signal, cancel)
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
    forget()
    cancel()
  }
}
