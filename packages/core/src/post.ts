import ky from 'ky'
import { CallOutcome } from './call-outcome.ts'
import { outcomeOfError } from './outcome-of-error.ts'
import { isPDSError, PDSError } from './pds-error.ts'
import { secretsOf } from './redact.ts'
import { type IPDSRequestConfig, type IPDSResponse, readHeaders } from './request-config.ts'
import { type AnswerContext, invalidResponse, requestError } from './request-error.ts'
import { retryPolicy } from './retry-policy.ts'
import type { ServerClock } from './server-clock.ts'
import { UnexpectedAnswer } from './unexpected-answer.ts'

/** The parameters of a request, by their names on the wire. Those that are undefined are left out. */
export type PDSParams = Record<string, string | undefined>

/** One POST request of a method, and how its answer is read. */
export interface PDSPostRequest<T> {
  endpoint: 'api' | 'auth'
  /** The path after the version, such as `/oauth/token`. */
  path: string
  /** How the parameters are written into the body. */
  format: 'form' | 'json'
  /**
   * The parameters, or a function that makes them anew for each attempt. A function says that the request holds
   * nothing that can be spent only once: it is sent again even where the outcome of an attempt is unknown.
   */
  params: PDSParams | (() => Promise<PDSParams>)
  /**
   * Checks the parsed JSON of a successful answer. `sentAt` is when the request was sent, by the server's clock,
   * in milliseconds since the epoch. Throws `UnexpectedAnswer` where it is not what the service documents.
   */
  read(data: unknown, sentAt: number): T
}

/** The settings of one call, from its options and its transport's. */
export interface PostSettings {
  url: string
  headers: IPDSRequestConfig['headers']
  signal: AbortSignal | undefined
  /** In milliseconds; 0 means no limit. */
  timeout: number
  retryCount: number
  fetch: typeof globalThis.fetch
  clock: ServerClock
}

const contentTypes = {
  form: 'application/x-www-form-urlencoded',
  json: 'application/json',
}

/** Sends a request, as often as its settings and its outcome allow. Throws nothing but `PDSError`. */
export async function post<T>(request: PDSPostRequest<T>, settings: PostSettings): Promise<IPDSResponse<T>> {
  const { url, signal, timeout, fetch, clock } = settings
  const headers = readHeaders(settings.headers)
  headers.set('content-type', contentTypes[request.format])
  if (!headers.has('accept')) headers.set('accept', 'application/json')

  const shown = { method: 'POST', url }
  const secrets = secretsOf(headers)
  const outcome = new CallOutcome()
  const repeatable = typeof request.params === 'function'
  let sentAt = 0

  async function makeBody(): Promise<string> {
    const params = typeof request.params === 'function' ? await request.params() : request.params
    const entries = Object.entries(params).filter(isGiven)
    secrets.push(...secretsOf(entries))
    return request.format === 'form'
      ? new URLSearchParams(entries).toString()
      : JSON.stringify(Object.fromEntries(entries))
  }

  function failure(error: unknown): PDSError {
    if (isPDSError(error)) return error
    if (!signal?.aborted) {
      const known = outcome.settle(outcomeOfError(error))
      return requestError(error, timeout, { request: shown, secrets, outcome: known })
    }
    const message = 'the call was aborted by its signal'
    return new PDSError(message, { code: 'Aborted', outcome: outcome.abandon(), request: shown })
  }

  let response: Response
  let text: string
  try {
    signal?.throwIfAborted()
    const answer = ky(url, {
      method: 'post',
      headers,
      body: await makeBody(),
      signal: signal ?? null,
      // A token request is answered, never moved: following a redirect would hand its secrets on.
      redirect: 'manual',
      timeout: timeout === 0 ? false : timeout,
      async fetch(input, init) {
        // The parameters took their time: nothing of this attempt has left yet.
        signal?.throwIfAborted()
        sentAt = clock.localNow()
        outcome.sending()
        const response = await fetch(input, init)
        clock.learn(response, sentAt, clock.localNow())
        return response
      },
      retry: retryPolicy({ limit: settings.retryCount, repeatable, outcome, signal }),
      hooks: {
        beforeRetry: repeatable
          ? [async ({ request: last }) => new Request(last, { body: await makeBody() })]
          : [],
      },
    })
    response = await answer
    text = await answer.text()
  } catch (error) {
    throw failure(error)
  }

  const context = { request: shown, secrets }
  const data = readAnswer(request, text, clock.toServerTime(sentAt), response, context)
  const { status, statusText } = response
  return { data, status, statusText, headers: Object.fromEntries(response.headers) }
}

function isGiven(entry: [name: string, value: string | undefined]): entry is [string, string] {
  return entry[1] !== undefined
}

function readAnswer<T>(
  request: PDSPostRequest<T>,
  text: string,
  sentAt: number,
  response: Response,
  context: AnswerContext,
): T {
  let data: unknown
  try {
    data = text === '' ? undefined : JSON.parse(text)
  } catch {
    // The parser's message quotes the body, which may hold tokens.
    throw invalidResponse('the answer is not JSON', response, context)
  }
  try {
    return request.read(data, sentAt)
  } catch (error) {
    if (error instanceof UnexpectedAnswer) throw invalidResponse(error.message, response, context)
    throw error
  }
}
