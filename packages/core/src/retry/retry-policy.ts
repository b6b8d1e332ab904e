import { HTTPError } from 'ky'
import { ConnectionError } from '../errors/attempt-errors.ts'
import type { PDSOutcome } from '../errors/outcome.ts'
import { CallAbort } from '../transport/timeout.ts'

/**
 * Whether what failed is worth another attempt, and harmless: where nothing was sent, where the service throttled
 * (429) or turned away (503), and where the request may be repeated also after an unknown outcome.
 */
export function isRetryable(error: unknown, outcome: PDSOutcome, replayable: boolean): boolean {
  if (error instanceof HTTPError) {
    const { status } = error.response
    return [429, 503].includes(status) || (replayable && [500, 502, 504].includes(status))
  }
  const isLost = error instanceof ConnectionError || (error instanceof CallAbort && error.by === 'timeout')
  return isLost && (replayable || outcome === 'not-sent')
}

/**
 * The pause before another attempt, in milliseconds: what `Retry-After` asks for, or a random part of half a second,
 * doubled with each attempt up to 30 s. `now` is the server's time: a date in the header is by its clock.
 */
export function retryDelay(error: unknown, failedAttempts: number, now: number): number {
  const asked = error instanceof HTTPError ? retryAfter(error.response.headers, now) : undefined
  return asked ?? Math.random() * Math.min(500 * 2 ** (failedAttempts - 1), 30_000)
}

/** What `Retry-After` asks for, in milliseconds: seconds or a date (RFC 9110 section 10.2.3), the latter by `now`. */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? ''
  // Where it came twice, the first one counts.
  const [, seconds] = /^(\d+)(?:\s*,|$)/.exec(value) ?? []
  if (seconds !== undefined) return Number(seconds) * 1000
  // Date.parse takes almost anything: only the form of RFC 9110 section 5.6.7 that may be sent.
  const [date] = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/.exec(value) ?? []
  const delay = Date.parse(date ?? '') - now
  return Number.isNaN(delay) ? undefined : Math.max(0, delay)
}
