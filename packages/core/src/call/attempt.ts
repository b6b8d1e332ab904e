import { readBody } from '#platform'
import { AttemptFailure, InvalidResponseError } from '../errors/attempt-errors.ts'
import { invalidParameter } from '../errors/invalid-parameter.ts'
import type { PDSOutcome } from '../errors/outcome.ts'
import type { PDSFetchResponse } from '../transport/fetch-types.ts'
import { callHooks, type PDSRequestEvent, type PDSResponseEvent, type WithoutId } from '../transport/hooks.ts'
import type { PDSParams, PDSPostRequest } from '../transport/post.ts'
import type { CallDeadline } from './call-deadline.ts'
import type { CallSettings } from './call-settings.ts'

// In bytes. The body of an error is a few hundred bytes long; the limit bounds the time to redact it.
const maxErrorLength = 65_536

/** One attempt of a call: what it sends, and how far it got. */
export interface Attempt {
  /** The headers of the call, and the credential of this attempt when it has one. */
  headers: Readonly<Record<string, string>>
  /** Absent until it is created. */
  body?: string
  /** In milliseconds since the epoch, by the local clock. Absent until the request may reach the server. */
  sentAt?: number
  /** Set when the attempt has failed. */
  outcome?: PDSOutcome
  response?: PDSFetchResponse
  /** The body of the response. */
  text?: string
  /** Whether other requests to the same endpoint were under way when the attempt ended. */
  isShared?: boolean
}

/** Creates the arguments of hooks. */
export interface AttemptEvents {
  requestEvent(): WithoutId<PDSRequestEvent>
  responseEvent(attempt: Attempt, response: PDSFetchResponse): WithoutId<PDSResponseEvent>
}

/**
 * Runs an attempt: gets its credential, creates its body, sends it and reads the response. Notes its progress in
 * `attempt`.
 *
 * Throws `AttemptFailure` if there is no complete response, and `InvalidResponseError` if its status is not 2xx.
 */
export async function runAttempt(
  attempt: Attempt,
  { params, format }: PDSPostRequest<unknown>,
  settings: CallSettings,
  deadline: CallDeadline,
  events: () => AttemptEvents,
): Promise<PDSFetchResponse> {
  const { authorization, clock, fetch, init, isTrusted, maxContentLength, timeout, url } = settings
  deadline.throwIfAborted()
  // This time does not count towards the timeout of an attempt.
  const credential =
    authorization && (await deadline.run(0, async () => authorization.headers(settings.headers)))
  // A copy: the provider may change its object later, and a response may still contain the old value.
  const headers = { ...credential, ...settings.headers }
  attempt.headers = headers
  const values = typeof params === 'function' ? await deadline.run(timeout, async () => params()) : params
  const body = write(values, format)
  attempt.body = body
  callHooks(settings, 'beforeRequest', () => events().requestEvent())
  // A hook may abort the call: then nothing is sent.
  return deadline.run(timeout, async (signal) => {
    const sentAt = clock.localNow()
    attempt.sentAt = sentAt
    let response: PDSFetchResponse
    try {
      response = await fetch(url.href, {
        ...init,
        method: 'POST',
        headers,
        body,
        signal,
        redirect: 'manual',
      })
      // A late response changes nothing. Reading its body cancels it.
      if (!signal.aborted) {
        if (isTrusted) clock.learn(response, sentAt, clock.localNow())
        // The status decides the outcome, even if the body cannot be read.
        attempt.response = response
      }
      attempt.text = response.ok
        ? await readBody(response, maxContentLength, signal)
        : // The status of an error response is enough.
          await readBody(response, Math.min(maxContentLength, maxErrorLength), signal, true).catch(() => '')
      signal.throwIfAborted()
    } catch (cause) {
      throw cause instanceof InvalidResponseError ? cause : new AttemptFailure('connection', cause)
    }
    callHooks(settings, 'afterResponse', () => events().responseEvent(attempt, response))
    if (!response.ok) throw new InvalidResponseError(undocumentedError(response), true)
    return response
  })
}

/** Returns the message for an error response without a documented error. */
function undocumentedError({ status, headers }: PDSFetchResponse): string {
  // In browsers, a redirect that was not followed has status 0 and no headers.
  const isRedirect = status === 0 || (status < 400 && headers.get('location') !== null)
  return isRedirect
    ? 'the endpoint responded with a redirect, which is never followed'
    : `the endpoint responded with status ${status} and no documented error`
}

/** Returns parameters as a body. */
function write(values: PDSParams, format: PDSPostRequest<unknown>['format']): string {
  if (format === 'form') {
    const form = new URLSearchParams()
    for (const [name, value] of Object.entries(values)) if (value !== undefined) form.append(name, `${value}`)
    return `${form}`
  }
  try {
    return JSON.stringify(values)
  } catch {
    throw invalidParameter('the data cannot be written as JSON: it contains a BigInt or a circular reference')
  }
}
