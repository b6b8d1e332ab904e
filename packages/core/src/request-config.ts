import { describe, invalidParameter, refuseUnknownOptions } from './invalid-parameter.ts'

/**
 * The options of one call, with axios's names where the vendor's users know them.
 *
 * An option that is not listed here is refused by name: one that were silently left out, such as `proxy`, could
 * send a secret where it must not go. Options with `returnResponse: true` that are kept in a variable are of the
 * type `IPDSRequestConfig<true>`.
 */
export interface IPDSRequestConfig<R extends boolean = false> {
  /** Headers to add to the request; `content-type` stays the method's own. */
  headers?: Headers | Record<string, string | undefined> | undefined
  /** The time for each attempt, in milliseconds; 0 means no limit. Default: the transport's, 10 000. */
  timeout?: number | undefined
  /** Ends the call with a `PDSError` `Aborted`. */
  signal?: AbortSignal | undefined
  /** How often a failed request is sent again, where that is safe. Default: the transport's, 3. */
  retryCount?: number | undefined
  /** Whether to return the whole `IPDSResponse` in place of its `data`. Default: false. */
  returnResponse?: R | undefined
}

/** A successful answer with what came around it, under axios's names. */
export interface IPDSResponse<T> {
  data: T
  status: number
  statusText: string
  /** By lower-case name. */
  headers: Record<string, string>
}

/** What a call returns: the data, or the whole response where `returnResponse` is true. */
export type PDSResult<T, R extends boolean> = R extends true ? IPDSResponse<T> : T

const optionNames = ['headers', 'timeout', 'signal', 'retryCount', 'returnResponse']

/** Throws `InvalidParameter` for options of one call that are unknown or of a wrong type. */
export function checkRequestConfig(config: IPDSRequestConfig<boolean>): void {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw invalidParameter(`options must be an object, got ${describe(config)}`)
  }
  refuseUnknownOptions('a request', config, optionNames)
  checkTimeout('options.timeout', config.timeout)
  checkRetryCount('options.retryCount', config.retryCount)
  const { signal, returnResponse } = config
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidParameter(`options.signal must be an AbortSignal, got ${describe(signal)}`)
  }
  if (returnResponse !== undefined && typeof returnResponse !== 'boolean') {
    throw invalidParameter(`options.returnResponse must be true or false, got ${describe(returnResponse)}`)
  }
}

/** Reads the headers of one call; an unusable one is named, without its value. */
export function readHeaders(headers: IPDSRequestConfig['headers']): Headers {
  const result = new Headers()
  if (headers === undefined) return result
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) {
    throw invalidParameter(`options.headers must be an object or Headers, got ${describe(headers)}`)
  }
  // Headers of another realm, such as a polyfill's, are no instance of this one's: all of them are iterable.
  const entries: Iterable<[string, string | undefined]> =
    Symbol.iterator in headers ? (headers as Headers) : Object.entries(headers)
  for (const [name, value] of entries) {
    if (value === undefined) continue
    try {
      result.append(name, value)
    } catch {
      throw invalidParameter(`options.headers has a name or a value that HTTP does not allow: "${name}"`)
    }
  }
  return result
}

// What timers can hold: a longer one would fire at once.
const longestTimeout = 2 ** 31 - 1

export function checkTimeout(name: string, value: unknown): void {
  const valid = typeof value === 'number' && value >= 0 && value <= longestTimeout
  if (value !== undefined && !valid) {
    throw invalidParameter(
      `${name} must be a number of milliseconds from 0 (no limit) to ${longestTimeout}, got ${showNumber(value)}`,
    )
  }
}

export function checkRetryCount(name: string, value: unknown): void {
  const valid = Number.isSafeInteger(value) && (value as number) >= 0
  if (value !== undefined && !valid) {
    throw invalidParameter(`${name} must be a whole number from 0, got ${showNumber(value)}`)
  }
}

function showNumber(value: unknown): string {
  return typeof value === 'number' ? String(value) : describe(value)
}
