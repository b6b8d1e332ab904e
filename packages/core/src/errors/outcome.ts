import { neverConnected } from '#platform'
import type { PDSFetchResponse } from '../transport/fetch-types.ts'
import { isRejection } from './attempt-errors.ts'

/**
 * Whether a failed call may have spent its one-time credential (an authorization code or a refresh token).
 *
 * - `not-sent`: no request was sent. The credential is unspent.
 * - `responded`: the service rejected the request, or asked for a later retry. It did not process the request.
 * - `unknown`: the service may have processed the request, and the response was lost or is unusable.
 */
export type PDSOutcome = 'not-sent' | 'responded' | 'unknown'

/**
 * Returns the outcome of a request whose last response has a status, or of one without a response.
 *
 * A server that responds with 4xx or 503 has not processed the request (RFC 9110 section 15). After another 5xx it may
 * have processed the request before it failed. A redirect (3xx, or 0 in browsers) may lead to the result. A request
 * that failed after a 2xx has most likely spent its credential.
 */
export function statusOutcome(status = 0): PDSOutcome {
  return (status >= 400 && status < 500) || status === 503 ? 'responded' : 'unknown'
}

/** The progress of an attempt: without `sentAt` before it is sent, and without `response` until that arrives. */
interface Progress {
  sentAt?: number
  response?: PDSFetchResponse
}

/** Returns the outcome of an attempt that has failed or was aborted. */
export function attemptOutcome({ sentAt, response }: Progress, error?: unknown): PDSOutcome {
  if (sentAt === undefined || (!response && neverConnected(error))) return 'not-sent'
  return response?.ok && isRejection(error) ? 'responded' : statusOutcome(response?.status)
}
