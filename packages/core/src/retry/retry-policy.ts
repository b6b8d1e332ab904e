import { HTTPError } from 'ky'
import { ConnectionError } from '../errors/attempt-errors.ts'
import type { PDSOutcome } from '../errors/outcome.ts'
import { CallAbort } from '../transport/timeout.ts'

/**
 * Returns whether a failed attempt may be retried.
 *
 * It may if the service throttled the request (429) or was unavailable (503), or if no request was sent. A replayable
 * request may also be retried after status 500, 502 or 504, a lost connection or a timeout.
 */
export function isRetryable(error: unknown, outcome: PDSOutcome, replayable: boolean): boolean {
  if (error instanceof HTTPError) {
    const { status } = error.response
    return [429, 503].includes(status) || (replayable && [500, 502, 504].includes(status))
  }
  const isResponseLost =
    error instanceof ConnectionError || (error instanceof CallAbort && error.by === 'timeout')
  return isResponseLost && (replayable || outcome === 'not-sent')
}

/**
 * Returns the delay before the next attempt, in milliseconds: the one in `Retry-After`, or else full jitter over a
 * backoff of 500 ms that doubles with each failed attempt, up to 30 s.
 *
 * `now` is the time by the server's clock, which a date in the header refers to.
 */
export function retryDelay(error: unknown, failedAttempts: number, now: number): number {
  const requested = error instanceof HTTPError ? retryAfter(error.response.headers, now) : undefined
  return requested ?? Math.random() * Math.min(500 * 2 ** (failedAttempts - 1), 30_000)
}

/** Returns the delay in `Retry-After`, in milliseconds. The header has seconds or a date (RFC 9110 section 10.2.3). */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? ''
  // If the header was sent twice, its values are joined by a comma: use the first.
  const [, seconds] = /^(\d+)(?:\s*,|$)/.exec(value) ?? []
  if (seconds !== undefined) return Number(seconds) * 1000
  // Date.parse accepts almost any text: use it only for the format that senders must generate (RFC 9110 section 5.6.7).
  const [date] = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/.exec(value) ?? []
  const delay = Date.parse(date ?? '') - now
  return Number.isNaN(delay) ? undefined : Math.max(0, delay)
}
