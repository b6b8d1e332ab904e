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
} from '../options/options.ts'
import type { PDSHooks } from './hooks.ts'

/**
 * The options of one call, with axios's names where the vendor's users know them, and ky's and fetch's own.
 *
 * An option that is not listed here is refused by name: one that were silently left out, such as `proxy`, could
 * send a secret where it must not go. Options with `returnResponse: true` that are kept in a variable are of the
 * type `IPDSRequestConfig<true>`.
 */
export interface IPDSRequestConfig<R extends boolean = false> {
  /** Headers to add to the request; `content-type` stays the method's own. */
  headers?: Headers | Record<string, string | undefined> | undefined
  /** Parameters to add to the query; those that are undefined are left out. */
  params?: URLSearchParams | Record<string, string | number | boolean | undefined> | undefined
  /**
   * The time for each attempt, with the reading of its answer, in milliseconds; 0 means no limit. Default: the
   * transport's, 10 000.
   */
  timeout?: number | undefined
  /**
   * The time for the call with all its attempts and pauses, in milliseconds; 0 means no limit. Default: the
   * transport's, 60 000.
   */
  totalTimeout?: number | undefined
  /** Ends the call at once with a `PDSError` `Aborted`. */
  signal?: AbortSignal | undefined
  /** How often a failed request is sent again, where that is safe. Default: the transport's, 3. */
  retryCount?: number | undefined
  /**
   * Whether to send again also what may have been carried out, though it can be spent only once: a code, a refresh
   * token, or what `postAPI` does. Default: false.
   */
  retryUnknown?: boolean | undefined
  /** Whether to return the whole `IPDSResponse` in place of its `data`. Default: false. */
  returnResponse?: R | undefined
  /** Functions that watch the call, after the transport's, in one set or several. */
  hooks?: PDSHooks | readonly PDSHooks[] | undefined
  /** The longest answer that is read, in bytes. Default: the transport's, 1 MiB. */
  maxContentLength?: number | undefined
  /** Only 0 is accepted: no redirect is followed, a request with secrets is not handed on. */
  maxRedirects?: 0 | undefined
  /** Whether fetch sends cookies, in browsers. Default: fetch's, `same-origin`. */
  credentials?: 'include' | 'omit' | 'same-origin' | undefined
  /** Whether the request outlives the page that sends it. Default: false. */
  keepalive?: boolean | undefined
}

/** A successful answer with what came around it, under axios's names. */
export interface IPDSResponse<T> {
  /** The checked answer. */
  data: T
  /** The HTTP status. */
  status: number
  /** What the server calls the status, empty in HTTP/2. */
  statusText: string
  /** The headers by lower-case name. */
  headers: Record<string, string>
}

/** What a call returns: the data, or the whole response where `returnResponse` is true. */
export type PDSResult<T, R extends boolean> = R extends true ? IPDSResponse<T> : T

const callOptions: Record<keyof IPDSRequestConfig, OptionValidator> = {
  headers: { wants: 'a plain object or Headers', accepts: hasEntries },
  params: { wants: 'a plain object or URLSearchParams', accepts: hasEntries },
  timeout: millisecondsOption,
  totalTimeout: millisecondsOption,
  // By its shape: a signal may be one of another realm, or of a polyfill.
  signal: {
    wants: 'an AbortSignal',
    accepts: (value) => isObject(value) && 'aborted' in value && 'addEventListener' in value,
  },
  retryCount: countOption,
  retryUnknown: booleanOption,
  returnResponse: booleanOption,
  hooks: hooksOption,
  maxContentLength: countOption,
  maxRedirects: { wants: '0: no redirect is followed', accepts: (value) => value === 0 },
  credentials: {
    wants: "'include', 'omit' or 'same-origin'",
    accepts: (value) => ['include', 'omit', 'same-origin'].includes(value as string),
  },
  keepalive: booleanOption,
}

/** Throws `InvalidParameter` for options of one call that are unknown or of a wrong type. Gives a copy of the others. */
export function checkRequestConfig<R extends boolean>(
  config: IPDSRequestConfig<R>,
): DefinedOptions<IPDSRequestConfig<R>> {
  return checkOptions('options', 'options.', config, callOptions)
}

// What fetch sets by itself (RFC 9110 section 7.6.1, RFC 9112 section 6), and a request fails or hangs over.
const ownHeadersOfFetch =
  /^(connection|content-length|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade)$/i

/** Reads the headers of one call; an unusable one is named, without its value. */
export function readHeaders(headers: IPDSRequestConfig['headers']): Headers {
  const result = new Headers()
  for (const [name, text] of textsOf('headers', headers)) {
    if (ownHeadersOfFetch.test(name))
      throw invalidParameter(`options.headers has ${name}, which fetch sets by itself`)
    try {
      result.append(name, text)
    } catch {
      throw invalidParameter(`options.headers has a name or a value that HTTP does not allow: "${name}"`)
    }
  }
  return result
}

/** Adds the parameters of one call to the query of its address. */
export function addParams(url: URL, params: IPDSRequestConfig['params']): void {
  for (const [name, text] of textsOf('params', params)) url.searchParams.append(name, text)
}

/** The names and values of an object, or of Headers and the like: also of another realm's, which are all iterable. */
function textsOf(option: string, values: object = {}): [string, string][] {
  const entries: [string, unknown][] =
    Symbol.iterator in values ? [...(values as Headers)] : Object.entries(values)
  return entries
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => {
      if (['string', 'number', 'boolean'].includes(typeof value)) return [name, String(value)]
      throw mustBe(`options.${option}.${name}`, 'a string, a number or a boolean', value)
    })
}

/** What `textsOf` takes. A set or an array is iterable too, but has no names. */
function hasEntries(value: unknown): boolean {
  return (
    isPlainObject(value) ||
    (isObject(value) && Symbol.iterator in value && 'append' in value) ||
    value instanceof Map
  )
}
