import { AttemptFailure } from '../errors/attempt-errors.ts'
import type { PDSOutcome } from '../errors/outcome.ts'
import type { PDSFetchResponse } from '../transport/fetch-types.ts'

/**
 * Returns whether a failed attempt may be retried.
 *
 * It may if the service throttled the request (429) or was unavailable (503), or if no request was sent. A replayable
 * request may also be retried after status 408, 500, 502 or 504, a lost connection or a timeout.
 *
 * `status` is that of a response with an error, or 0.
 */
export function isRetryable(
  error: unknown,
  status: number,
  outcome: PDSOutcome,
  replayable: boolean,
): boolean {
  if ([429, 503].includes(status)) return true
  if (replayable && [408, 500, 502, 504].includes(status)) return true
  return error instanceof AttemptFailure && (replayable || outcome === 'not-sent')
}

/**
 * Returns the delay before the next attempt, in milliseconds: the one in `Retry-After`, or else full jitter over a
 * backoff of 500 ms that doubles with each failed attempt, up to 30 s.
 *
 * `now` is the time by the server's clock, which a date in the header refers to.
 */
export function retryDelay(
  response: PDSFetchResponse | undefined,
  failedAttempts: number,
  now: number,
): number {
  const requested = response && retryAfter(response.headers, now)
  return requested ?? Math.random() * Math.min(500 * 2 ** (failedAttempts - 1), 30_000)
}

/**
 * Returns for how long a response asks all callers to wait, in milliseconds, or undefined if it does not throttle: it
 * has status 429, or 503 with `Retry-After`.
 */
export function throttleTime({ status, headers }: PDSFetchResponse, now: number): number | undefined {
  if (![429, 503].includes(status)) return undefined
  return retryAfter(headers, now) ?? (status === 429 ? 0 : undefined)
}

/** Returns the delay in `Retry-After`, in milliseconds. The header has seconds or a date (RFC 9110 section 10.2.3). */
export function retryAfter(headers: PDSFetchResponse['headers'], now: number): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? ''
  // If the header was sent twice, its values are joined by a comma: use the first.
  const [, seconds] = /^(\d+)(?:\s*,|$)/.exec(value) ?? []
  if (seconds !== undefined) return Number(seconds) * 1000
  // Date.parse accepts almost any text: use it only for the format that senders must generate (RFC 9110 section 5.6.7).
  const [date] = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/.exec(value) ?? []
  const delay = Date.parse(date ?? '') - now
  return Number.isNaN(delay) ? undefined : Math.max(0, delay)
}
