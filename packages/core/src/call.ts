import ky, { HTTPError } from 'ky'
import type { PDSAuthorization } from './authorization.ts'
import { withinLimits } from './call-limits.ts'
import { CallOutcome } from './call-outcome.ts'
import { ConnectionFailed } from './connection-failed.ts'
import type { PDSFetch, PDSFetchInit, PDSFetchResponse } from './fetch.ts'
import { callHooks, type PDSHooks } from './hooks.ts'
import { invalidParameter } from './invalid-parameter.ts'
import { longestTimer } from './options.ts'
import type { PDSError } from './pds-error.ts'
import type { PDSParams, PDSPostRequest } from './post.ts'
import { readBody } from './read-body.ts'
import { redact } from './redact.ts'
import { requestError, showResponse } from './request-error.ts'
import { mayRepeat, pauseBefore } from './retry-policy.ts'
import { secretsOfHeaders, secretsOfParams } from './secrets.ts'
import type { ServerClock } from './server-clock.ts'
import { isUnexpectedAnswer } from './unexpected-answer.ts'
import { untilAborted } from './until-aborted.ts'

/** The settings of one call, from its options and its transport's. */
export interface CallSettings {
  url: URL
  /** By lower-case name. */
  headers: Record<string, string>
  authorization: PDSAuthorization | undefined
  signal: AbortSignal | undefined
  /** In milliseconds; 0 means no limit. */
  timeout: number
  totalTimeout: number
  retryCount: number
  retryUnknown: boolean
  /** In bytes. */
  maxContentLength: number
  /** The transport's and the call's. */
  hooks: readonly PDSHooks[]
  /** What is handed on to fetch as it is. */
  init: Pick<PDSFetchInit, 'credentials' | 'keepalive'>
  fetch: PDSFetch
  clock: ServerClock
}

/** A successful answer, with its body and when it was asked for, by the server's clock, in milliseconds. */
export interface Answer {
  response: PDSFetchResponse
  text: string
  sentAt: number
}

// Beyond this difference a refused assertion may have been refused for its time. In milliseconds.
const clockTolerance = 60_000

/** One call: its attempts, which ky repeats, what is known of their fate, and what must not be told of them. */
export class Call {
  readonly #request: PDSPostRequest<unknown>
  readonly #settings: CallSettings
  readonly #outcome = new CallOutcome()
  readonly #secrets: string[]
  /** Whether the request holds nothing that can be spent only once: it is made anew for each attempt. */
  readonly #madeAnew: boolean
  readonly #startedAt = performance.now()
  #attempts = 0
  #repeats = 0
  #signedAgain = false
  #authorizedAnew = false
  /** The headers of the next attempt that its authorization has given. */
  #credential: Record<string, string> = {}
  #pause = 0
  /** What the server's clock was taken to be ahead by when the last attempt was made. */
  #clockOffset = 0
  #sentAt = 0
  /** Of the whole call. */
  #signal: AbortSignal | undefined
  #response: PDSFetchResponse | undefined
  #text = ''

  constructor(request: PDSPostRequest<unknown>, settings: CallSettings) {
    this.#request = request
    this.#settings = settings
    this.#secrets = [
      ...secretsOfHeaders(settings.headers),
      ...secretsOfParams([...settings.url.searchParams].map(([name, value]) => ({ [name]: value }))),
    ]
    this.#madeAnew = typeof request.params === 'function'
  }

  /** Sends the request, as often as its settings and its outcome allow. */
  async send(): Promise<Answer> {
    const { url, timeout } = this.#settings
    const response = await withinLimits(this.#settings, async (signal) => {
      this.#signal = signal
      await this.#authorize()
      return ky(url.href, {
        method: 'post',
        signal,
        timeout: timeout === 0 ? false : timeout,
        fetch: (input) => this.#attempt((input as Request).signal) as Promise<Response>,
        retry: {
          // What may be sent again, and how often, is decided below.
          limit: Number.MAX_SAFE_INTEGER,
          methods: ['post'],
          shouldRetry: ({ error }) => this.#shouldRepeat(error),
          delay: () => this.#pause,
        },
      })
    })
    return { response, text: this.#text, sentAt: this.#settings.clock.toServerTime(this.#sentAt) }
  }

  /** Makes a `PDSError` of whatever ended the call. */
  failure(error: unknown): PDSError {
    const { timeout, totalTimeout } = this.#settings
    this.#outcome.settle(error)
    return requestError(error, {
      request: this.#shown(),
      secrets: this.#secrets,
      outcome: this.#outcome.ofCall,
      timeout,
      totalTimeout,
      response: this.#response,
      text: this.#text,
    })
  }

  async #attempt(signal: AbortSignal): Promise<PDSFetchResponse> {
    const { url, hooks, init, fetch, clock, maxContentLength } = this.#settings
    const headers = { ...this.#credential, ...this.#settings.headers }
    this.#clockOffset = clock.toServerTime(0)
    const { params: parts } = this.#request
    const made = typeof parts === 'function' ? await untilAborted(signal, parts()) : parts
    const params = Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined))
    const body = this.#write(params)
    // What leaves: an object may be written as something else than it looks like.
    const written: PDSParams = this.#request.format === 'json' ? JSON.parse(body) : params
    this.#secrets.push(...secretsOfParams(written))
    this.#attempts++
    callHooks(hooks, 'beforeRequest', () => ({
      ...this.#shown(),
      attempt: this.#attempts,
      headers: redact(headers, this.#secrets),
      params: redact(written, this.#secrets),
    }))
    // A hook may have ended the call: nothing of this attempt has left yet.
    signal.throwIfAborted()
    this.#sentAt = clock.localNow()
    this.#outcome.sending()
    const response = await untilAborted(
      signal,
      send(fetch, url.href, { ...init, method: 'POST', headers, body, signal, redirect: 'manual' }),
      cancelBody,
    )
    clock.learn(response, this.#sentAt, clock.localNow())
    this.#outcome.arrived(response.status)
    this.#response = response
    this.#text = ''
    try {
      const text = await readBody(response, maxContentLength, signal)
      signal.throwIfAborted()
      this.#text = text
    } catch (error) {
      if (signal.aborted) throw error
      // The status of a refusal says enough; the body of a success is what was asked for.
      if (response.ok) throw isUnexpectedAnswer(error) ? error : new ConnectionFailed(error)
    }
    callHooks(hooks, 'afterResponse', () => ({
      ...this.#shown(),
      ...showResponse(response, this.#secrets),
      attempt: this.#attempts,
      duration: clock.localNow() - this.#sentAt,
    }))
    return response
  }

  /** What may be told of the request. A path can hold secrets too. */
  #shown(): { method: 'POST'; url: string } {
    const { origin, pathname } = this.#settings.url
    return { method: 'POST', url: redact(origin + pathname, this.#secrets) }
  }

  /** Asks for the credential of the next attempt, outside of the time of an attempt. */
  async #authorize(): Promise<void> {
    const { authorization, headers } = this.#settings
    if (!authorization) return
    this.#credential = await authorization.headers(headers)
    this.#secrets.push(...secretsOfHeaders(this.#credential))
    checkHeaders(this.#credential)
  }

  #write(params: PDSParams): string {
    if (this.#request.format === 'form')
      return new URLSearchParams(params as Record<string, string>).toString()
    try {
      return JSON.stringify(params)
    } catch {
      throw invalidParameter('the data cannot be written as JSON: it holds a BigInt, or itself')
    }
  }

  async #shouldRepeat(error: unknown): Promise<boolean> {
    const { retryCount, retryUnknown, totalTimeout, clock, hooks } = this.#settings
    const outcome = this.#outcome.settle(error)
    if (this.#isRefusedForItsTime(error)) {
      this.#signedAgain = true
      this.#pause = 0
    } else if (await this.#isAuthorizedAnew(error)) {
      this.#pause = 0
    } else {
      if (this.#repeats >= retryCount || !mayRepeat(error, outcome, this.#madeAnew || retryUnknown))
        return false
      this.#pause = pauseBefore(error, this.#repeats + 1, clock.toServerTime(clock.localNow()))
      // Rather the error of now than a pause that leads to none but that of the time.
      const left = totalTimeout === 0 ? longestTimer : totalTimeout - (performance.now() - this.#startedAt)
      if (this.#pause >= left) return false
      this.#repeats++
    }
    await this.#authorize()
    // Whoever ended the call meanwhile is told no more of it.
    if (this.#signal?.aborted) return false
    callHooks(hooks, 'beforeRetry', () => ({
      attempt: this.#attempts,
      error: this.failure(error),
      delay: this.#pause,
    }))
    return true
  }

  /**
   * Whether an assertion may have been refused because it was signed by a wrong clock, which the answer has set right.
   * The vendor does not say which code such a refusal has. It is signed again once, beside the other attempts.
   */
  #isRefusedForItsTime(error: unknown): boolean {
    if (!this.#madeAnew || this.#signedAgain || !(error instanceof HTTPError)) return false
    const moved = Math.abs(this.#settings.clock.toServerTime(0) - this.#clockOffset)
    return [400, 401, 403].includes(error.response.status) && moved > clockTolerance
  }

  /** Whether a refused credential has another one in its place, beside the other attempts. */
  async #isAuthorizedAnew(error: unknown): Promise<boolean> {
    const { authorization } = this.#settings
    if (!authorization || this.#authorizedAnew || !(error instanceof HTTPError)) return false
    if (error.response.status !== 401) return false
    this.#authorizedAnew = true
    return authorization.renew(this.failure(error))
  }
}

/** Calls fetch, whose errors are known as such afterwards. */
async function send(fetch: PDSFetch, url: string, init: PDSFetchInit): Promise<PDSFetchResponse> {
  try {
    return await fetch(url, init)
  } catch (error) {
    throw new ConnectionFailed(error)
  }
}

/** Lets go of the connection of an answer that came too late. */
function cancelBody({ body }: PDSFetchResponse): void {
  const stream = body as { cancel?(): Promise<void> } | null | undefined
  stream?.cancel?.().catch(() => undefined)
}

/** Checks the headers of a credential: fetch would fail over one as over a connection. */
function checkHeaders(credential: Record<string, string>): void {
  try {
    new Headers(credential)
  } catch {
    throw invalidParameter('the token holds a character that HTTP does not allow')
  }
}
