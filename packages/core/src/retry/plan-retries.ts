import { createSignatureCheck } from '#platform'
import type { Attempt } from '../call/attempt.ts'
import type { CallDeadline } from '../call/call-deadline.ts'
import type { CallReport } from '../call/call-report.ts'
import type { CallSettings } from '../call/call-settings.ts'
import { isRejection } from '../errors/attempt-errors.ts'
import { callHooks } from '../transport/hooks.ts'
import type { PDSPostRequest } from '../transport/post.ts'
import { isRetryable, retryDelay, throttleTime } from './retry-policy.ts'

/** Returns the delay before the next attempt, in milliseconds, or undefined if the call has failed. */
export type RetryPlan = (error: unknown) => Promise<number | undefined>

/** Returns a function that decides after each failed attempt of a call whether to retry. */
export function planRetries(
  { params }: PDSPostRequest<unknown>,
  { authorization, clock, hooks, retryCount, retryUnknown }: CallSettings,
  attempts: readonly Attempt[],
  deadline: CallDeadline,
  report: () => CallReport,
): RetryPlan {
  /** Whether the parameters are created for each attempt, and so contain no one-time credential. */
  const isReplayable = typeof params === 'function'
  const isSignatureRejected = createSignatureCheck(clock)
  /** The failures that count towards `retryCount`. */
  let retries = 0

  const decide = async (error: unknown): Promise<number | undefined> => {
    const outcome = report().settle(error)
    const { isShared, response: last } = attempts.at(-1) ?? {}
    const response = isRejection(error) ? last : undefined
    const status = response?.status ?? 0
    // Sign again, or use the replacement of a rejected credential, in addition to the retries.
    if (isReplayable && isSignatureRejected(status)) return 0
    if (status === 401 && authorization) {
      if (await deadline.run(0, async () => authorization.renew(report().error(error)))) return 0
    }
    if (!isRetryable(error, status, outcome, isReplayable || retryUnknown)) return undefined
    const now = clock.toServerTime(clock.localNow())
    const pause = response && throttleTime(response, now)
    // A retry is free if the service named its time, or if too many requests were under way, which are fewer now.
    if (!pause && !(pause === 0 && isShared)) retries++
    if (retryCount === 0 || retries > retryCount) return undefined
    const delay = retryDelay(response, attempts.length, now)
    // Fail now if the delay would exceed the deadline.
    return delay < deadline.remaining ? delay : undefined
  }

  return async (error) => {
    const delay = await decide(error)
    // No hooks run after an abort.
    deadline.throwIfAborted()
    if (delay !== undefined) callHooks(hooks, 'beforeRetry', () => report().retryEvent(error, delay))
    return delay
  }
}
