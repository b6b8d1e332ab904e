import { InvalidResponseError } from '../errors/attempt-errors.ts'
import { planRetries, type RetryPlan } from '../retry/plan-retries.ts'
import type { PDSFetchResponse } from '../transport/fetch-types.ts'
import { callHooks } from '../transport/hooks.ts'
import type { PDSPostRequest } from '../transport/post.ts'
import { type Attempt, runAttempt } from './attempt.ts'
import { type CallReport, reportCall } from './call-report.ts'
import type { PreparedCall } from './call-settings.ts'
import type { ReleaseSlot } from './concurrency-limiter.ts'

/** The result of a successful call. */
export interface CallResult<T> {
  data: T
  response: PDSFetchResponse
}

/** Sends a request, with retries, and returns its checked response. Throws a `PDSError` and nothing else. */
export function call<T>(request: PDSPostRequest<T>, prepared: PreparedCall): Promise<CallResult<T>> {
  const { limiter, endpoint, deadline } = prepared
  return new Promise((resolve) => {
    limiter.acquire(endpoint, deadline, (slot, reason) => resolve(run(request, prepared, slot, reason)))
  })
}

/** Runs a call that has a slot, or fails for this reason. */
async function run<T>(
  request: PDSPostRequest<T>,
  prepared: PreparedCall,
  slot: ReleaseSlot | undefined,
  rejection: unknown,
): Promise<CallResult<T>> {
  const { deadline, endpoint, limiter } = prepared
  let releaseSlot = slot
  const settings = prepared.createSettings()
  const attempts: Attempt[] = []
  // Most calls have neither hooks nor errors, and need none.
  let created: CallReport | undefined
  const report = () => {
    created ??= reportCall(settings, request.format, attempts)
    return created
  }
  let plan: RetryPlan | undefined
  const { engine, clock, hooks, url } = settings
  try {
    if (!releaseSlot) throw rejection
    const response = await engine({
      url: url.href,
      signal: deadline.start(),
      async attempt() {
        // A retry waits for another slot.
        releaseSlot ??= await limiter.reacquire(endpoint, deadline)
        const attempt: Attempt = { headers: {} }
        attempts.push(attempt)
        try {
          return await runAttempt(attempt, request, settings, deadline, report)
        } finally {
          attempt.isShared = releaseSlot(attempt.response)
          releaseSlot = undefined
        }
      },
      nextDelay(error) {
        plan ??= planRetries(request, settings, attempts, deadline, report())
        return plan(error)
      },
    })
    const { text = '', sentAt = 0 } = attempts.at(-1) ?? {}
    const body = request.ignoreBody ? undefined : parse(text)
    const data = request.read(body, clock.toServerTime(sentAt), clock.hasServerTime())
    return { data, response }
  } catch (reason) {
    const error = report().error(reason)
    callHooks(hooks, 'beforeError', () => ({ error }))
    throw error
  } finally {
    releaseSlot?.()
    deadline.release()
  }
}

function parse(text: string): unknown {
  try {
    return text.trim() === '' ? undefined : JSON.parse(text)
  } catch {
    // Not the parser's message, which quotes the body: it may contain tokens.
    throw new InvalidResponseError('the response is not JSON')
  }
}
