/** The requests that a fault applies to. */
export interface FaultTarget {
  /** The path of the requests, for example `/v2/oauth/token`. Default: any path. */
  path?: string
  /** The number of requests. Default: 1. */
  times?: number
}

/**
 * Whether a fault is applied before or after the request is carried out. With `after`, the emulator spends the code or
 * rotates the tokens, although the client does not receive the response.
 */
export type FaultTiming = 'before' | 'after'

/** The shape of an error response, as the service, its gateway or a proxy sends it. */
export type ErrorShape = 'service' | 'capital' | 'gateway' | 'html' | 'xml' | 'empty'

/** A response with a status and an error in one of the known shapes. */
export interface StatusFault extends FaultTarget {
  /** `status`. */
  type: 'status'
  /** The HTTP status, from 200 to 599. */
  status: number
  /** The shape of the error. Default: `service`. */
  body?: ErrorShape
  /** The code of the error. Default: the documented code that fits the status best. */
  code?: string
  /** The message of the error. Default: `This fault was injected.` */
  message?: string
  /** Headers to add to the response. Default: none. */
  headers?: Record<string, string>
  /** Whether the fault is applied before or after the request is carried out. Default: `before`. */
  when?: FaultTiming
}

/** A response with status 429. */
export interface ThrottleFault extends FaultTarget {
  /** `throttle`. */
  type: 'throttle'
  /** The header `Retry-After`: a number of seconds, or a text, for example an HTTP date. Default: no header. */
  retryAfter?: number | string
}

/** A redirect to another URL. */
export interface RedirectFault extends FaultTarget {
  /** `redirect`. */
  type: 'redirect'
  /** The target, an absolute URL. */
  location: string
  /** The HTTP status. Default: 307. */
  status?: 301 | 302 | 303 | 307 | 308
  /** Whether the fault is applied before or after the request is carried out. Default: `before`. */
  when?: FaultTiming
}

/** An HTML page with status 200, as a captive portal sends it. */
export interface HtmlFault extends FaultTarget {
  /** `html`. */
  type: 'html'
  /** Whether the fault is applied before or after the request is carried out. Default: `before`. */
  when?: FaultTiming
}

/** A late response, or a request that is carried out late. */
export interface DelayFault extends FaultTarget {
  /** `delay`. */
  type: 'delay'
  /** The delay, in milliseconds. */
  milliseconds: number
  /** Whether the fault is applied before or after the request is carried out. Default: `before`. */
  when?: FaultTiming
}

/** A connection that is cut without a response. */
export interface DropFault extends FaultTarget {
  /** `drop`. */
  type: 'drop'
  /** Whether the fault is applied before or after the request is carried out. Default: `before`. */
  when?: FaultTiming
}

/** The first half of a response body, after which the connection is cut. */
export interface TruncateFault extends FaultTarget {
  /** `truncate`. */
  type: 'truncate'
}

/** A response whose `Content-Length` differs from the length of its body. */
export interface WrongLengthFault extends FaultTarget {
  /** `wrong-length`. */
  type: 'wrong-length'
  /** The number of bytes to add to `Content-Length`. A negative number announces less than the body has. */
  by: number
}

/** A response whose body arrives byte by byte. */
export interface DripFault extends FaultTarget {
  /** `drip`. */
  type: 'drip'
  /** The pause before each byte, in milliseconds. */
  milliseconds: number
}

/** A response with the time of a wrong clock. */
export interface DateFault extends FaultTarget {
  /** `date`. */
  type: 'date'
  /** The number of milliseconds to add to the `Date` header. */
  skew: number
}

/** A failure to inject into the next requests. */
export type Fault =
  | StatusFault
  | ThrottleFault
  | RedirectFault
  | HtmlFault
  | DelayFault
  | DropFault
  | TruncateFault
  | WrongLengthFault
  | DripFault
  | DateFault
