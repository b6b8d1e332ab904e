import { isHTTPError, isNetworkError, isTimeoutError } from 'ky'
import type { PDSOutcome } from './pds-error.ts'

/**
 * Whether what failed is worth another attempt, and harmless: where nothing was sent, where the service throttled
 * (429) or turned away (503), and where the request may be repeated also after an unknown outcome.
 */
export function mayRepeat(error: unknown, outcome: PDSOutcome, repeatable: boolean): boolean {
  if (isHTTPError(error)) {
    const { status } = error.response
    return status === 429 || status === 503 || (repeatable && [500, 502, 504].includes(status))
  }
  if (!isNetworkError(error) && !isTimeoutError(error)) return false
  return outcome === 'not-sent' || repeatable
}

/**
 * The pause before another attempt, in milliseconds: what `Retry-After` asks for, or a random part of half a second,
 * doubled with each attempt up to 30 s. `now` is the server's time: a date in the header is by its clock.
 */
export function pauseBefore(error: unknown, failedAttempts: number, now: number): number {
  const asked = isHTTPError(error) ? retryAfter(error.response.headers, now) : undefined
  return asked ?? Math.random() * Math.min(500 * 2 ** (failedAttempts - 1), 30_000)
}

/** What `Retry-After` asks for, in milliseconds: seconds or a date (RFC 9110 section 10.2.3), the latter by `now`. */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? ''
  const delay = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now
  return Number.isNaN(delay) ? undefined : Math.max(0, delay)
}
