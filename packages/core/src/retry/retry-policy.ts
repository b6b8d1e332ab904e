import type { PDSFetchResponse } from '../transport/fetch-types.ts'

/**
 * Returns the delay after a number of failed attempts, in milliseconds: full jitter over a backoff of 500 ms that doubles
 * with each failed attempt, up to 30 s.
 */
export function backoff(failedAttempts: number): number {
  return Math.random() * Math.min(500 * 2 ** (failedAttempts - 1), 30_000)
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
  const [date] = /^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT/.exec(value) ?? []
  const delay = Date.parse(date ?? '') - now
  return Number.isNaN(delay) ? undefined : Math.max(0, delay)
}
