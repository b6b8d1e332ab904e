import ky, { HTTPError } from 'ky'
import { ConnectionError, InvalidResponseError, isInvalidResponseError } from '../errors/attempt-errors.ts'
import { invalidParameter } from '../errors/invalid-parameter.ts'
import { attemptOutcome, type PDSOutcome, type Progress } from '../errors/outcome.ts'
import type { PDSError, PDSErrorRequest } from '../errors/pds-error.ts'
import { requestError, showResponse } from '../errors/request-error.ts'
import { maxTimerDelay } from '../options/options.ts'
import { redact } from '../redaction/redact.ts'
import { secretsOfHeaders, secretsOfParams } from '../redaction/secrets.ts'
import { isRetryable, retryDelay } from '../retry/retry-policy.ts'
import { sleep } from './abortable.ts'
import type { PDSAuthorization } from './authorization.ts'
import type { PDSFetch, PDSFetchInit, PDSFetchResponse } from './fetch-types.ts'
import { callHooks, type PDSHooks } from './hooks.ts'
import type { PDSPostRequest } from './post.ts'
import { readBody } from './read-body.ts'
import type { ServerClock } from './server-clock.ts'
import { withTimeout } from './timeout.ts'

/** The settings of one call: its options, with the transport's as defaults. */
export interface CallSettings {
  url: URL
  /** By lower-case name. */
  headers: Record<string, string>
  authorization: PDSAuthorization | undefined
  signal?: AbortSignal | undefined
  /** In milliseconds; 0 means no limit. */
  timeout: number
  /** In milliseconds; 0 means no limit. */
  totalTimeout: number
  retryCount: number
  retryUnknown?: boolean | undefined
  /** In bytes. */
  maxContentLength: number
  /** The hooks of the transport, then those of the call. */
  hooks: readonly PDSHooks[]
  /** Passed to fetch unchanged. */
  init: Pick<PDSFetchInit, 'credentials' | 'keepalive'>
  fetch: PDSFetch
  clock: ServerClock
}

/** The result of a successful call. */
export interface CallResult<T> {
  data: T
  response: PDSFetchResponse
}

// A larger difference of the clocks may be the reason why an assertion was rejected. In milliseconds.
const clockTolerance = 60_000

/**
 * Sends a request, with retries, and returns its checked response.
 *
 * Keeps track of the outcome of the attempts and of the secrets in them. Throws a `PDSError` and nothing else.
 */
export async function call<T>(request: PDSPostRequest<T>, settings: CallSettings): Promise<CallResult<T>> {
  const { url, authorization, timeout, totalTimeout, hooks, clock } = settings
  /** The headers and parameters of all attempts, for the secrets in them. */
  const sent: { headers: Record<string, string>[]; params: unknown[] } = {
    headers: [settings.headers],
    params: [],
  }
  /** Whether the parameters are created for each attempt, and so contain no one-time credential. */
  const isReplayable = typeof request.params === 'function'
  const deadline = performance.now() + (totalTimeout || maxTimerDelay)
  let attempts = 0
  let retries = 0
  let isSignedAgain = false
  /** The credential headers of the next attempt. */
  let credential: Record<string, string> = {}
  /** The delay before the next attempt, in milliseconds. */
  let delay = 0
  /** How far the server's clock was ahead, as known at the last attempt, in milliseconds. */
  let clockOffset = 0
  let sentAt = 0
  let progress: Progress
  /** The outcome of the call. It changes only from `not-sent` to `responded` to `unknown`. */
  let outcome: PDSOutcome = 'not-sent'
  let lastResponse: PDSFetchResponse | undefined
  /** The body of the last response. */
  let text = ''

  /** Returns the secrets of the call. Computed on demand, because most calls have neither hooks nor errors. */
  const secrets = (): string[] => [
    ...sent.headers.flatMap(secretsOfHeaders),
    ...secretsOfParams([...url.searchParams].map(([name, value]) => ({ [name]: value }))),
    ...sent.params.flatMap(secretsOfParams),
  ]

  /** Describes the request without secrets. A path may contain secrets too. */
  const describeRequest = (): PDSErrorRequest & { method: 'POST' } => ({
    method: 'POST',
    url: redact(url.origin + url.pathname, secrets()),
  })

  /** Returns the outcome of the attempt that has ended, and updates the outcome of the call. */
  const settleAttempt = (error: unknown): PDSOutcome => {
    const ofAttempt = attemptOutcome(progress, error)
    progress = undefined
    if (ofAttempt === 'unknown' || outcome === 'not-sent') outcome = ofAttempt
    return ofAttempt
  }

  /** Creates the `PDSError` of a failed attempt or call. */
  const toPDSError = (error: unknown): PDSError => {
    settleAttempt(error)
    return requestError(error, {
      request: describeRequest(),
      secrets: secrets(),
      outcome,
      timeout,
      totalTimeout,
      response: lastResponse,
      text,
    })
  }

  /** Gets the credential of the next attempt. This time does not count towards the timeout of an attempt. */
  const prepareCredential = async () => {
    if (!authorization) return
    // A copy: the provider may change its object later, and a response may still contain the old value.
    credential = { ...(await authorization.headers(settings.headers)) }
    sent.headers.push(credential)
  }

  /** Creates the headers and the body of an attempt. */
  const prepareAttempt = async (signal: AbortSignal): Promise<PDSFetchInit> => {
    const headers = { ...credential, ...settings.headers }
    clockOffset = clock.toServerTime(0)
    const { params } = request
    const json = toJson(typeof params === 'function' ? await params() : params)
    signal.throwIfAborted()
    // The values that are sent, which a toJSON method may have changed.
    const written = JSON.parse(json)
    const body = request.format === 'json' ? json : new URLSearchParams(written).toString()
    sent.params.push(written)
    attempts++
    callHooks(hooks, 'beforeRequest', () => ({
      ...describeRequest(),
      attempt: attempts,
      headers: redact(headers, secrets()),
      params: redact(written, secrets()),
    }))
    return { ...settings.init, method: 'POST', headers, body, signal, redirect: 'manual' }
  }

  /** Reads the body of a response into `text`. */
  const receive = async (response: PDSFetchResponse, signal: AbortSignal): Promise<void> => {
    clock.learn(response, sentAt, clock.localNow())
    // The status decides the outcome, even if the body cannot be read.
    progress = response.status
    lastResponse = response
    text = ''
    try {
      const read = await readBody(response, settings.maxContentLength, signal)
      signal.throwIfAborted()
      text = read
    } catch (error) {
      if (signal.aborted) throw error
      // The status of an error response is enough. A successful response needs its body.
      if (response.ok) throw isInvalidResponseError(error) ? error : new ConnectionError('', { cause: error })
    }
    callHooks(hooks, 'afterResponse', () => ({
      ...describeRequest(),
      ...showResponse(response, secrets()),
      attempt: attempts,
      duration: clock.localNow() - sentAt,
    }))
  }

  const attempt = async (signal: AbortSignal): Promise<PDSFetchResponse> => {
    const init = await prepareAttempt(signal)
    // A hook may have aborted the call. The attempt is not sent yet.
    signal.throwIfAborted()
    sentAt = clock.localNow()
    // From here on, the request may reach the server.
    progress = -1
    const response = await send(settings.fetch, url.href, init)
    if (signal.aborted) {
      cancelBody(response)
      throw signal.reason
    }
    await receive(response, signal)
    return response
  }

  /** Returns whether to retry after a failed attempt, and sets the delay. */
  const shouldRetry = async (error: unknown): Promise<boolean> => {
    const ofAttempt = settleAttempt(error)
    const status = error instanceof HTTPError ? error.response.status : 0
    const hasClockMoved = Math.abs(clock.toServerTime(0) - clockOffset) > clockTolerance
    delay = 0
    // The service may have rejected an assertion that was signed with a wrong clock, which the response has corrected.
    // The vendor does not document the error code of this. Sign again once, in addition to the retries.
    if (isReplayable && !isSignedAgain && hasClockMoved && [400, 401, 403].includes(status)) {
      isSignedAgain = true
      return true
    }
    // A rejected credential may have a replacement. Use it in addition to the retries.
    if (status === 401 && (await authorization?.renew(toPDSError(error)))) return true
    if (
      retries >= settings.retryCount ||
      !isRetryable(error, ofAttempt, isReplayable || settings.retryUnknown === true)
    )
      return false
    retries++
    delay = retryDelay(error, retries, clock.toServerTime(clock.localNow()))
    // Fail now if the delay would exceed the deadline.
    return performance.now() + delay < deadline
  }

  try {
    const response = await withTimeout('totalTimeout', totalTimeout, settings.signal, async (signal) => {
      await prepareCredential()
      for (;;) {
        try {
          return await ky(url.href, {
            method: 'post',
            // ky sends a single attempt: retries and timeouts are decided here.
            retry: 0,
            timeout: false,
            fetch: () => withTimeout('timeout', timeout, signal, attempt) as Promise<Response>,
          })
        } catch (error) {
          if (!(await shouldRetry(error))) throw error
          await prepareCredential()
          // No hooks run after an abort.
          signal.throwIfAborted()
          callHooks(hooks, 'beforeRetry', () => ({ attempt: attempts, error: toPDSError(error), delay }))
          await sleep(delay, signal)
        }
      }
    })
    const data = request.read(request.ignoreBody ? undefined : parse(text), clock.toServerTime(sentAt))
    return { data, response }
  } catch (reason) {
    const error = toPDSError(reason)
    callHooks(hooks, 'beforeError', () => ({ error }))
    throw error
  }
}

function toJson(params: unknown): string {
  try {
    return JSON.stringify(params)
  } catch {
    throw invalidParameter('the data cannot be written as JSON: it contains a BigInt or a circular reference')
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

/** Calls fetch and wraps its errors in `ConnectionError`. */
async function send(fetch: PDSFetch, url: string, init: PDSFetchInit): Promise<PDSFetchResponse> {
  try {
    return await fetch(url, init)
  } catch (cause) {
    throw new ConnectionError('', { cause })
  }
}

/** Releases the connection of a response that arrived after its attempt ended. */
function cancelBody({ body }: PDSFetchResponse): void {
  const stream = body as { cancel?(): Promise<void> } | null | undefined
  stream?.cancel?.().catch(() => undefined)
}
