import { rejectHeaderOfFetch } from '#platform'
import { invalidParameter, mustBe } from '../errors/invalid-parameter.ts'
import {
  booleanOption,
  checkOptions,
  countOption,
  type DefinedOptions,
  hooksOption,
  isObject,
  isPlainObject,
  millisecondsOption,
  type OptionValidator,
  textOption,
} from '../options/options.ts'
import type { PDSHooks } from './hooks.ts'

/**
 * The options of one call. Options that axios also has keep their axios names, which the vendor's users know.
 *
 * The compiler rejects an unknown name in an object literal. At run time the call rejects it with `InvalidParameter`,
 * and the message says what replaces an axios option: ignoring `proxy`, for example, could send a secret the wrong way.
 * The type of a variable with `returnResponse: true` is `IPDSRequestConfig<true>`.
 */
export interface IPDSRequestConfig<R extends boolean = false> {
  /** Headers to add to the request. `content-type` and headers that fetch sets cannot be changed. */
  headers?: Headers | Record<string, string | undefined> | undefined
  /** Parameters to add to the query. Undefined parameters are omitted. */
  params?: URLSearchParams | Record<string, string | number | boolean | undefined> | undefined
  /**
   * The timeout of each attempt, from sending to the end of its response, in milliseconds. A signature has the same time
   * before that. 0 means no limit. Default: the transport's, 10 000.
   */
  timeout?: number | undefined
  /**
   * The timeout of the call, including all attempts and delays, but not the wait for its first slot (see `concurrency`),
   * in milliseconds. 0 means no limit. Default: the transport's, 60 000.
   */
  totalTimeout?: number | undefined
  /** Aborts the call, which then rejects with code `Aborted`. */
  signal?: AbortSignal | undefined
  /** The maximum number of retries, which happen only if they are safe. Default: the transport's, 3. */
  retryCount?: number | undefined
  /**
   * Whether to retry after the outcome `unknown` even if the request is not replayable: it has a code or a refresh
   * token, or is a `postAPI` call. Default: the transport's, and false for a request with a `grant_type`.
   */
  retryUnknown?: boolean | undefined
  /** Whether to return an `IPDSResponse` instead of its `data`. Default: false. */
  returnResponse?: R | undefined
  /** Functions that observe the call: one object or an array of them. Called after the transport's hooks. */
  hooks?: PDSHooks | readonly PDSHooks[] | undefined
  /**
   * The id of the call in hooks and in the messages of the channel `pds:request`, to find them in the logs of your
   * application. Use each id for a single call. Default: a new id, unique in the process.
   */
  callId?: string | undefined
  /** The maximum length of a response body, in bytes. Default: the transport's, 1 048 576 (1 MiB). */
  maxContentLength?: number | undefined
  /** Must be 0: redirects are never followed, because they would send secrets to another URL. */
  maxRedirects?: 0 | undefined
  /** Whether browsers send cookies. Default: `same-origin`, the default of fetch. */
  credentials?: 'include' | 'omit' | 'same-origin' | undefined
  /** Whether the request outlives its page. Default: false. */
  keepalive?: boolean | undefined
}

/** A successful response, with the field names of axios. */
export interface IPDSResponse<T> {
  /** The checked data. */
  data: T
  /** The HTTP status. */
  status: number
  /** The status text, which is empty in HTTP/2. */
  statusText: string
  /** The headers by lower-case name. */
  headers: Record<string, string>
}

/** The result of a call: an `IPDSResponse` if `returnResponse` is true, the data otherwise. */
export type PDSResult<T, R extends boolean> = R extends true ? IPDSResponse<T> : T

/** Accepts parameters of a query. */
export const paramsOption: OptionValidator<NonNullable<IPDSRequestConfig['params']>> = {
  wants: 'a plain object or URLSearchParams',
  accepts: hasEntries,
}

const validators: Record<keyof IPDSRequestConfig, OptionValidator> = {
  headers: { wants: 'a plain object or Headers', accepts: hasEntries },
  params: paramsOption,
  timeout: millisecondsOption,
  totalTimeout: millisecondsOption,
  // Not instanceof: the signal may be of another realm or a polyfill.
  signal: {
    wants: 'an AbortSignal',
    accepts: (value) => isObject(value) && 'aborted' in value && 'addEventListener' in value,
  },
  retryCount: countOption,
  retryUnknown: booleanOption,
  returnResponse: booleanOption,
  hooks: hooksOption,
  callId: textOption,
  maxContentLength: countOption,
  maxRedirects: { wants: '0: redirects are never followed', accepts: (value) => value === 0 },
  credentials: {
    wants: "'include', 'omit' or 'same-origin'",
    accepts: (value) => ['include', 'omit', 'same-origin'].includes(value as string),
  },
  keepalive: booleanOption,
}

/**
 * Returns a checked copy of the options of a call. Throws `InvalidParameter` for an unknown or invalid option.
 *
 * `method` is the function that the user called, for errors.
 */
export function checkRequestConfig<R extends boolean>(
  config: IPDSRequestConfig<R>,
  method: string,
): DefinedOptions<IPDSRequestConfig<R>> {
  return checkOptions(method, config, validators, 'options', 'options.')
}

/** Returns the headers of a call, by lower-case name. Throws `InvalidParameter` for an invalid header, without its value. */
export function readHeaders(headers: IPDSRequestConfig['headers'], method: string): Record<string, string> {
  return Object.fromEntries(append(new Headers(), `${method}: options.headers`, headers))
}

/** Returns a URL with parameters added to its query. `option` names them in errors. */
export function appendParams(base: URL, params: IPDSRequestConfig['params'], option: string): URL {
  const url = new URL(base)
  append(url.searchParams, option, params)
  return url
}

/**
 * Appends the entries of a plain object, or of an iterable such as Headers, also of another realm. Omits undefined and
 * null.
 */
function append<T extends Headers | URLSearchParams>(target: T, option: string, values: object = {}): T {
  const entries: Iterable<[string, unknown]> =
    Symbol.iterator in values ? (values as Headers) : Object.entries(values)
  for (const [name, value] of entries) {
    if (value === undefined || value === null) continue
    rejectHeaderOfFetch(target, option, name)
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      throw mustBe(`${option}.${name}`, 'a string, a number or a boolean', value)
    }
    try {
      target.append(name, String(value))
    } catch {
      throw invalidParameter(`${option} contains a header with an invalid name or value: "${name}"`)
    }
  }
  return target
}

/** Returns whether `append` accepts a value. Sets and arrays have no names. */
function hasEntries(value: unknown): boolean {
  return isPlainObject(value) || (isObject(value) && 'entries' in value && !('add' in value))
}
