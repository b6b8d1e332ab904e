import { neverConnected } from '#platform'

/**
 * Whether a one-time credential (an authorization code, a refresh token) may have been spent by the failed call.
 *
 * - `not-sent`: nothing left this machine, the credential is as good as before.
 * - `responded`: the service answered and refused, or asked to come back later.
 * - `unknown`: the request may have been carried out, and its answer lost.
 */
export type PDSOutcome = 'not-sent' | 'responded' | 'unknown'

/** How far an attempt has come: the status of its answer, -1 before that has come, undefined before it is sent. */
export type Progress = number | undefined

/**
 * What is known of the fate of an attempt that has ended, with an error or because the caller gave up.
 *
 * A server that refuses a request (4xx), throttles it (429) or is unavailable (503) has not carried it out (RFC 9110
 * section 15). One that failed (5xx) may have before, and one that redirects (3xx, or 0 as browsers show that) may lead
 * to the result. A call that failed although its answer was a success has most likely spent what it sent.
 */
export function attemptOutcome(progress: Progress, error?: unknown): PDSOutcome {
  if (progress === undefined || (progress < 0 && neverConnected(error))) return 'not-sent'
  return (progress >= 400 && progress < 500) || progress === 503 ? 'responded' : 'unknown'
}
