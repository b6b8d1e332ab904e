import { publishEnd, publishFailure } from '#platform'
import { InvalidResponseError } from '../errors/attempt-errors.ts'
import { planRetries } from '../retry/plan-retries.ts'
import type { PDSFetchResponse } from '../transport/fetch-types.ts'
import { callHooks } from '../transport/hooks.ts'
import type { PDSPostRequest } from '../transport/post.ts'
import { type Attempt, runAttempt } from './attempt.ts'
import type { CallDeadline } from './call-deadline.ts'
import { type CallReport, reportCall } from './call-report.ts'
import type { CallSettings, Engine } from './call-settings.ts'
import type { SendInSlot } from './concurrency-limiter.ts'
import { parseBody } from './parse-body.ts'

/** The result of a successful call. */
export interface CallResult<T> {
  data: T
  response: PDSFetchResponse
}

/** Sends a request, with retries, and returns its checked response. Throws a `PDSError` and nothing else. */
export async function call<T>(
  request: PDSPostRequest<T>,
  settings: CallSettings,
  deadline: CallDeadline,
  engine: Engine,
  sendInSlot: SendInSlot,
): Promise<CallResult<T>> {
  const { clock, headers, url } = settings
  const attempts: Attempt[] = []
  // Most calls have neither hooks nor errors, and need none.
  let created: CallReport | undefined
  const report = () => {
    created ??= reportCall(settings, request, attempts)
    return created
  }
  const attempt = () => {
    const next: Attempt = { headers }
    attempts.push(next)
    return sendInSlot(next, () => runAttempt(next, request, settings, deadline, report))
  }
  try {
    deadline.start()
    const nextDelay = planRetries(request, settings, attempts, deadline, report)
    const response = await engine(attempt, nextDelay, deadline, url)
    const { text = '', sentAt = 0 } = attempts.at(-1) ?? {}
    const body = request.ignoreBody ? undefined : parse(text, request.format)
    const data = request.read(body, clock.toServerTime(sentAt), clock.hasServerTime())
    publishEnd(settings, report, response)
    return { data, response }
  } catch (reason) {
    const error = report().error(reason)
    publishFailure(settings, report, error)
    callHooks(settings, 'beforeError', () => ({ error }))
    throw error
  } finally {
    deadline.release()
  }
}

function parse(text: string, format: PDSPostRequest<unknown>['format']): unknown {
  try {
    if (text.trim() === '') return undefined
    return format === 'form' ? parseBody(text) : JSON.parse(text)
  } catch {
    // Not the parser's message, which quotes the body: it may contain tokens.
    throw new InvalidResponseError('the response is not JSON')
  }
}
