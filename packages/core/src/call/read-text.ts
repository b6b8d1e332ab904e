import { InvalidResponseError } from '../errors/attempt-errors.ts'
import { rejectOnAbort } from '../transport/abortable.ts'
import type { PDSFetchResponse } from '../transport/fetch-types.ts'

/**
 * Returns a body of at most `limit` characters as text, without a byte order mark. A longer body is downloaded before it
 * is rejected: see `readBody`, which has the same parameters and results.
 */
export async function readText(
  response: PDSFetchResponse,
  limit: number,
  signal: AbortSignal,
  truncate = false,
): Promise<string> {
  const text = await rejectOnAbort(signal, response.text())
  if (text.length > limit && !truncate) throw tooLong(limit)
  return text.slice(0, limit).replace(/^\uFEFF/, '')
}

/** Creates the error for a body that is longer than `limit` bytes. */
export function tooLong(limit: number): InvalidResponseError {
  return new InvalidResponseError(`the response is longer than ${limit} bytes (option maxContentLength)`)
}
