import { createSignatureCheck, publishFailure } from '#platform'
import type { Attempt } from '../call/attempt.ts'
import type { CallDeadline } from '../call/call-deadline.ts'
import type { CallReport } from '../call/call-report.ts'
import type { CallSettings } from '../call/call-settings.ts'
import { AttemptFailure, isRejection } from '../errors/attempt-errors.ts'
import { attemptOutcome } from '../errors/outcome.ts'
import { callHooks } from '../transport/hooks.ts'
import type { PDSPostRequest } from '../transport/post.ts'
import { backoff, retryAfter, throttleTime } from './retry-policy.ts'

/** Returns the delay before the next attempt, in milliseconds, or undefined if the call has failed. */
export type RetryPlan = (error: unknown) => Promise<number | undefined>

/**
 * Returns a function that decides after each failed attempt of a call whether to retry.
 *
 * It does if the service throttled the request (429) or was unavailable (503), or if no request was sent. A replayable
 * request is also retried after status 408, 500, 502 or 504, a lost connection or a timeout. The delay is the one in
 * `Retry-After`, or else the backoff.
 */
export function planRetries(
  { params }: PDSPostRequest<unknown>,
  settings: CallSettings,
  attempts: readonly Attempt[],
  deadline: CallDeadline,
  report: () => CallReport,
): RetryPlan {
  const { authorization, clock, retryCount, retryUnknown } = settings
  /** Whether the parameters are created for each attempt, and so contain no one-time credential. */
  const isReplayable = typeof params === 'function'
  const isSignatureRejected = createSignatureCheck(clock)
  /** The failures that count towards `retryCount`. */
  let retries = 0

  const decide = async (error: unknown): Promise<number | undefined> => {
    const attempt = attempts.at(-1) as Attempt
    const outcome = attemptOutcome(attempt, error)
    attempt.outcome = outcome
    const response = isRejection(error) ? attempt.response : undefined
    const status = response?.status ?? 0
    // Sign again, or use the replacement of a rejected credential, in addition to the retries.
    if (isReplayable && isSignatureRejected?.(status)) return 0
    if (status === 401 && authorization) {
      if (await deadline.run(0, async () => authorization.renew(report().error(error)))) return 0
    }
    const isUnavailable = [429, 503].includes(status)
    const isLost = response ? [408, 500, 502, 504].includes(status) : error instanceof AttemptFailure
    const mayRepeat = isReplayable || retryUnknown || outcome === 'not-sent'
    if (!isUnavailable && !(isLost && mayRepeat)) return undefined
    const now = clock.toServerTime(clock.localNow())
    const pause = response && throttleTime(response, now)
    // A retry is free if the service named its time, or if too many requests were under way, which are fewer now.
    if (!pause && !(pause === 0 && attempt.isShared)) retries++
    if (retryCount === 0 || retries > retryCount) return undefined
    const delay = (response && retryAfter(response.headers, now)) ?? backoff(attempts.length)
    // Fail now if the delay would exceed the deadline.
    return delay < deadline.remaining ? delay : undefined
  }

  return async (error) => {
    const delay = await decide(error)
    // No hooks run after an abort.
    deadline.throwIfAborted()
    if (delay !== undefined) {
      publishFailure(settings, report, error, delay)
      callHooks(settings, 'beforeRetry', () => report().retryEvent(error, delay))
    }
    return delay
  }
}
