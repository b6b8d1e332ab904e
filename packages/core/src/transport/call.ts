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

/** The settings of one call, from its options and its transport's. */
export interface CallSettings {
  url: URL
  /** By lower-case name. */
  headers: Record<string, string>
  authorization: PDSAuthorization | undefined
  signal?: AbortSignal | undefined
  /** In milliseconds; 0 means no limit. */
  timeout: number
  totalTimeout: number
  retryCount: number
  retryUnknown?: boolean | undefined
  /** In bytes. */
  maxContentLength: number
  /** The transport's and the call's. */
  hooks: readonly PDSHooks[]
  /** What is handed on to fetch as it is. */
  init: Pick<PDSFetchInit, 'credentials' | 'keepalive'>
  fetch: PDSFetch
  clock: ServerClock
}

/** What came of a call. */
export interface CallResult<T> {
  data: T
  response: PDSFetchResponse
}

// Beyond this difference a refused assertion may have been refused for its time. In milliseconds.
const clockTolerance = 60_000

/**
 * Sends one request and reads its response: its attempts, what is known of their fate, and what must not be told of them.
 * Throws nothing but `PDSError`.
 */
export async function call<T>(request: PDSPostRequest<T>, settings: CallSettings): Promise<CallResult<T>> {
  const { url, authorization, timeout, totalTimeout, hooks, clock } = settings
  /** What was sent, in which the secrets are. */
  const sent: { headers: Record<string, string>[]; params: unknown[] } = {
    headers: [settings.headers],
    params: [],
  }
  /** Whether the request holds nothing that can be spent only once: it is made anew for each attempt. */
  const isReplayable = typeof request.params === 'function'
  const deadline = performance.now() + (totalTimeout || maxTimerDelay)
  let attempts = 0
  let retries = 0
  let isResigned = false
  /** The headers of the next attempt that its authorization has given. */
  let credential: Record<string, string> = {}
  let pause = 0
  /** What the server's clock was taken to be ahead by when the last attempt was made. */
  let clockOffset = 0
  let sentAt = 0
  let progress: Progress
  /** That of the attempt that did the most: once the fate of one is unknown, so is that of the call. */
  let outcome: PDSOutcome = 'not-sent'
  let lastResponse: PDSFetchResponse | undefined
  let text = ''

  /** Each value that must not be told. Looked for when something is told: most calls tell nothing. */
  const secrets = (): string[] => [
    ...sent.headers.flatMap(secretsOfHeaders),
    ...secretsOfParams([...url.searchParams].map(([name, value]) => ({ [name]: value }))),
    ...sent.params.flatMap(secretsOfParams),
  ]

  /** What may be told of the request. A path can hold secrets too. */
  const shown = (): PDSErrorRequest & { method: 'POST' } => ({
    method: 'POST',
    url: redact(url.origin + url.pathname, secrets()),
  })

  /** Gives the outcome of the attempt that has ended, if one has. */
  const settle = (error: unknown): PDSOutcome => {
    const ofAttempt = attemptOutcome(progress, error)
    progress = undefined
    if (ofAttempt === 'unknown' || outcome === 'not-sent') outcome = ofAttempt
    return ofAttempt
  }

  /** Makes a `PDSError` of whatever ended the call, or an attempt. */
  const failure = (error: unknown): PDSError => {
    settle(error)
    return requestError(error, {
      request: shown(),
      secrets: secrets(),
      outcome,
      timeout,
      totalTimeout,
      response: lastResponse,
      text,
    })
  }

  /** Asks for the credential of the next attempt, outside of the time of an attempt. */
  const authorize = async () => {
    if (!authorization) return
    // A copy: what it gives may be changed later, and still stand in an response.
    credential = { ...(await authorization.headers(settings.headers)) }
    sent.headers.push(credential)
  }

  const attempt = async (signal: AbortSignal): Promise<PDSFetchResponse> => {
    const headers = { ...credential, ...settings.headers }
    clockOffset = clock.toServerTime(0)
    const { params } = request
    const json = toJson(typeof params === 'function' ? await params() : params)
    signal.throwIfAborted()
    // What leaves: an object may be written as something else than it looks like.
    const written = JSON.parse(json)
    const body = request.format === 'json' ? json : new URLSearchParams(written).toString()
    sent.params.push(written)
    attempts++
    callHooks(hooks, 'beforeRequest', () => ({
      ...shown(),
      attempt: attempts,
      headers: redact(headers, secrets()),
      params: redact(written, secrets()),
    }))
    // A hook may have ended the call: nothing of this attempt has left yet.
    signal.throwIfAborted()
    sentAt = clock.localNow()
    // From here on it may arrive.
    progress = -1
    const init: PDSFetchInit = { ...settings.init, method: 'POST', headers, body, signal, redirect: 'manual' }
    const response = await send(settings.fetch, url.href, init)
    if (signal.aborted) {
      cancelBody(response)
      throw signal.reason
    }
    clock.learn(response, sentAt, clock.localNow())
    // Whatever happens to the body, the server has decided.
    progress = response.status
    lastResponse = response
    text = ''
    try {
      const read = await readBody(response, settings.maxContentLength, signal)
      signal.throwIfAborted()
      text = read
    } catch (error) {
      if (signal.aborted) throw error
      // The status of a refusal says enough; the body of a success is what was asked for.
      if (response.ok) throw isInvalidResponseError(error) ? error : new ConnectionError('', { cause: error })
    }
    callHooks(hooks, 'afterResponse', () => ({
      ...shown(),
      ...showResponse(response, secrets()),
      attempt: attempts,
      duration: clock.localNow() - sentAt,
    }))
    return response
  }

  const shouldRetry = async (error: unknown): Promise<boolean> => {
    const fate = settle(error)
    const status = error instanceof HTTPError ? error.response.status : 0
    const hasClockMoved = Math.abs(clock.toServerTime(0) - clockOffset) > clockTolerance
    pause = 0
    // An assertion may have been refused because it was signed by a wrong clock, which the response has set right. The
    // vendor does not say which code such a refusal has. It is signed again once, beside the other attempts.
    if (isReplayable && !isResigned && hasClockMoved && [400, 401, 403].includes(status)) {
      isResigned = true
      return true
    }
    // A refused credential may have another one in its place, beside the other attempts.
    if (status === 401 && (await authorization?.renew(failure(error)))) return true
    if (
      retries >= settings.retryCount ||
      !isRetryable(error, fate, isReplayable || settings.retryUnknown === true)
    )
      return false
    retries++
    pause = retryDelay(error, retries, clock.toServerTime(clock.localNow()))
    // Rather the error of now than a pause that leads to none but that of the time.
    return performance.now() + pause < deadline
  }

  try {
    const response = await withTimeout('totalTimeout', totalTimeout, settings.signal, async (signal) => {
      await authorize()
      for (;;) {
        try {
          return await ky(url.href, {
            method: 'post',
            // Each attempt is a request of its own: what is sent again, when, and for how long is decided here.
            retry: 0,
            timeout: false,
            fetch: () => withTimeout('timeout', timeout, signal, attempt) as Promise<Response>,
          })
        } catch (error) {
          if (!(await shouldRetry(error))) throw error
          await authorize()
          // Whoever ended the call meanwhile is told no more of it.
          signal.throwIfAborted()
          callHooks(hooks, 'beforeRetry', () => ({
            attempt: attempts,
            error: failure(error),
            delay: pause,
          }))
          await sleep(pause, signal)
        }
      }
    })
    const data = request.read(request.ignoreBody ? undefined : parse(text), clock.toServerTime(sentAt))
    return { data, response }
  } catch (reason) {
    const error = failure(reason)
    callHooks(hooks, 'beforeError', () => ({ error }))
    throw error
  }
}

function toJson(params: unknown): string {
  try {
    return JSON.stringify(params)
  } catch {
    throw invalidParameter('the data cannot be written as JSON: it holds a BigInt, or itself')
  }
}

function parse(text: string): unknown {
  try {
    return text.trim() === '' ? undefined : JSON.parse(text)
  } catch {
    // The parser's message quotes the body, which may hold tokens.
    throw new InvalidResponseError('the response is not JSON')
  }
}

/** Calls fetch, whose errors are known as such afterwards. */
async function send(fetch: PDSFetch, url: string, init: PDSFetchInit): Promise<PDSFetchResponse> {
  try {
    return await fetch(url, init)
  } catch (cause) {
    throw new ConnectionError('', { cause })
  }
}

/** Lets go of the connection of an answer that came too late. */
function cancelBody({ body }: PDSFetchResponse): void {
  const stream = body as { cancel?(): Promise<void> } | null | undefined
  stream?.cancel?.().catch(() => undefined)
}
