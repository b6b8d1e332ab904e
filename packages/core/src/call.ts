import ky, { isHTTPError } from 'ky'
import type { PDSAuthorization } from './authorization.ts'
import { withinLimits } from './call-limits.ts'
import { CallOutcome } from './call-outcome.ts'
import type { PDSFetch, PDSFetchInit, PDSFetchResponse } from './fetch.ts'
import { callHooks, type PDSHooks } from './hooks.ts'
import { invalidParameter } from './invalid-parameter.ts'
import type { PDSError } from './pds-error.ts'
import type { PDSParams, PDSPostRequest } from './post.ts'
import { readBody } from './read-body.ts'
import { redact, secretsOfHeaders, secretsOfParams } from './redact.ts'
import { requestError, showResponse } from './request-error.ts'
import { mayRepeat, pauseBefore } from './retry-policy.ts'
import type { ServerClock } from './server-clock.ts'

/** The settings of one call, from its options and its transport's. */
export interface CallSettings {
  url: URL
  /** By lower-case name. */
  headers: Record<string, string>
  /** Not there where the call's own headers carry a credential. */
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
  readonly #shown: { method: 'POST'; url: string }
  readonly #outcome = new CallOutcome()
  readonly #secrets: string[]
  /** Whether the request holds nothing that can be spent only once: it is made anew for each attempt. */
  readonly #madeAnew: boolean
  readonly #startedAt = performance.now()
  #attempts = 0
  #repeats = 0
  #signedAgain = false
  #authorizedAnew = false
  #pause = 0
  /** What the server's clock was taken to be ahead by when the last attempt was made. */
  #clockOffset = 0
  #sentAt = 0
  #response: PDSFetchResponse | undefined
  #text = ''

  constructor(request: PDSPostRequest<unknown>, settings: CallSettings) {
    const { origin, pathname } = settings.url
    this.#request = request
    this.#settings = settings
    this.#shown = { method: 'POST', url: origin + pathname }
    this.#secrets = [
      ...secretsOfHeaders(settings.headers),
      ...secretsOfParams(Object.fromEntries(settings.url.searchParams)),
    ]
    this.#madeAnew = typeof request.params === 'function'
  }

  /** Sends the request, as often as its settings and its outcome allow. */
  async send(): Promise<Answer> {
    const { url, timeout } = this.#settings
    const response = await withinLimits(this.#settings, (signal) =>
      ky(url.href, {
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
      }),
    )
    return { response, text: this.#text, sentAt: this.#settings.clock.toServerTime(this.#sentAt) }
  }

  /** Makes a `PDSError` of whatever ended the call. */
  failure(error: unknown): PDSError {
    const { timeout, totalTimeout } = this.#settings
    return requestError(error, {
      request: this.#shown,
      secrets: this.#secrets,
      outcome: this.#outcome.settle(error),
      timeout,
      totalTimeout,
      response: this.#response,
      text: this.#text,
    })
  }

  async #attempt(signal: AbortSignal): Promise<PDSFetchResponse> {
    const { url, authorization, hooks, init, fetch, clock, maxContentLength } = this.#settings
    const credential = authorization ? await untilAborted(signal, authorization.headers()) : {}
    this.#secrets.push(...secretsOfHeaders(credential))
    const headers = { ...this.#settings.headers, ...credential }
    this.#clockOffset = clock.toServerTime(0)
    const { params: parts } = this.#request
    const made = typeof parts === 'function' ? await untilAborted(signal, parts()) : parts
    const params = Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined))
    const body = this.#write(params)
    this.#secrets.push(...secretsOfParams(params))
    this.#attempts++
    callHooks(hooks, 'beforeRequest', {
      ...this.#shown,
      attempt: this.#attempts,
      headers: redact(headers, this.#secrets),
      params: redact(params, this.#secrets),
    })
    // A hook may have ended the call: nothing of this attempt has left yet.
    signal.throwIfAborted()
    this.#sentAt = clock.localNow()
    this.#outcome.sending()
    const response = await untilAborted(
      signal,
      fetch(url.href, { ...init, method: 'POST', headers, body, signal, redirect: 'manual' }),
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
      // The status of a refusal says enough; the body of a success is what was asked for.
      if (response.ok || signal.aborted) throw error
    }
    callHooks(hooks, 'afterResponse', {
      ...this.#shown,
      ...showResponse(response, this.#secrets),
      attempt: this.#attempts,
      duration: clock.localNow() - this.#sentAt,
    })
    return response
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
      const left = totalTimeout - (performance.now() - this.#startedAt)
      if (totalTimeout > 0 && this.#pause >= left) return false
      this.#repeats++
    }
    callHooks(hooks, 'beforeRetry', {
      attempt: this.#attempts,
      error: this.failure(error),
      delay: this.#pause,
    })
    return true
  }

  /**
   * Whether an assertion may have been refused because it was signed by a wrong clock, which the answer has set right.
   * The vendor does not say which code such a refusal has. It is signed again once, beside the other attempts.
   */
  #isRefusedForItsTime(error: unknown): boolean {
    if (!this.#madeAnew || this.#signedAgain || !isHTTPError(error)) return false
    const moved = Math.abs(this.#settings.clock.toServerTime(0) - this.#clockOffset)
    return [400, 401, 403].includes(error.response.status) && moved > clockTolerance
  }

  /** Whether a refused credential has another one in its place, beside the other attempts. */
  async #isAuthorizedAnew(error: unknown): Promise<boolean> {
    const { authorization } = this.#settings
    if (!authorization || this.#authorizedAnew || !isHTTPError(error)) return false
    if (error.response.status !== 401) return false
    this.#authorizedAnew = true
    return authorization.renew(this.failure(error))
  }
}

/** The promise's result, or the signal's reason: a signer or a fetch that does not listen to it is not waited for. */
function untilAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
