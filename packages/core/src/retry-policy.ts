import { isHTTPError, isNetworkError, isTimeoutError, type RetryOptions } from 'ky'
import type { CallOutcome } from './call-outcome.ts'
import { outcomeOfError } from './outcome-of-error.ts'

/** What decides whether a failed attempt is followed by another one. */
export interface RetrySettings {
  /** The number of attempts after the first one. */
  limit: number
  /** Whether the request holds nothing that can be spent only once. */
  repeatable: boolean
  /** Learns the outcome of each failed attempt. */
  outcome: CallOutcome
  signal: AbortSignal | undefined
}

/**
 * When ky sends a request again: where it is known not to have been sent, throttled (429) or turned away (503), and
 * where nothing can be spent twice also after an unknown outcome.
 *
 * Between attempts there is what `Retry-After` asks for, up to 30 s, or a random part of 0.5 s, doubled each time.
 */
export function retryPolicy({ limit, repeatable, outcome, signal }: RetrySettings): RetryOptions {
  return {
    limit,
    methods: ['post'],
    statusCodes: repeatable ? [429, 500, 502, 503, 504] : [429, 503],
    afterStatusCodes: [429, 503],
    maxRetryAfter: 30_000,
    delay: (attempt) => 500 * 2 ** (attempt - 1),
    backoffLimit: 30_000,
    jitter: true,
    shouldRetry({ error }) {
      if (signal?.aborted) return false
      const known = outcome.settle(outcomeOfError(error))
      // The status decides, and a Retry-After header when.
      if (isHTTPError(error)) return undefined
      if (!isNetworkError(error) && !isTimeoutError(error)) return false
      return known === 'not-sent' || repeatable
    },
  }
}
