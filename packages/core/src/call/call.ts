import { InvalidResponseError } from '../errors/attempt-errors.ts'
import { planRetries, type RetryPlan } from '../retry/plan-retries.ts'
import type { PDSFetchResponse } from '../transport/fetch-types.ts'
import { callHooks } from '../transport/hooks.ts'
import type { PDSPostRequest } from '../transport/post.ts'
import { type Attempt, runAttempt } from './attempt.ts'
import { type CallReport, reportCall } from './call-report.ts'
import type { PreparedCall } from './call-settings.ts'

/** The result of a successful call. */
export interface CallResult<T> {
  data: T
  response: PDSFetchResponse
}

/** Sends a request, with retries, and returns its checked response. Throws a `PDSError` and nothing else. */
export function call<T>(request: PDSPostRequest<T>, prepared: PreparedCall): Promise<CallResult<T>> {
  const { runLimited, endpoint, deadline, createSettings } = prepared
  return runLimited(endpoint, deadline, async (sendInSlot) => {
    const settings = createSettings()
    const { engine, clock, hooks, url } = settings
    const attempts: Attempt[] = []
    // Most calls have neither hooks nor errors, and need none.
    let created: CallReport | undefined
    const report = () => {
      created ??= reportCall(settings, request.format, attempts)
      return created
    }
    let plan: RetryPlan | undefined
    try {
      deadline.start()
      const response = await engine({
        url: url.href,
        deadline,
        attempt() {
          const attempt: Attempt = { headers: {} }
          attempts.push(attempt)
          return sendInSlot(attempt, () => runAttempt(attempt, request, settings, deadline, report))
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
      deadline.release()
    }
  })
}

function parse(text: string): unknown {
  try {
    return text.trim() === '' ? undefined : JSON.parse(text)
  } catch {
    // Not the parser's message, which quotes the body: it may contain tokens.
    throw new InvalidResponseError('the response is not JSON')
  }
}
