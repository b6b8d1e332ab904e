/** Which requests a fault is for. */
export interface FaultTarget {
  /** The path of the requests, such as `/v2/oauth/token`. Default: any. */
  path?: string
  /** How many of them it hits. Default: 1. */
  times?: number
}

/**
 * Whether a fault comes before the request is carried out, or after: with `after` a code is spent and a token
 * rotated, although the client does not learn of it.
 */
export type FaultTiming = 'before' | 'after'

/** The shapes of error answers: those of the service, of its gateway, and of what stands in front of both. */
export type ErrorShape = 'service' | 'capital' | 'gateway' | 'html' | 'xml' | 'empty'

/** An answer with a status, and an error in one of the known shapes. */
export interface StatusFault extends FaultTarget {
  /** `status`. */
  type: 'status'
  /** The HTTP status, from 200 to 599. */
  status: number
  /** The shape of the error. Default: `service`. */
  body?: ErrorShape
  /** The code of the error. Default: the documented one that is next to the status. */
  code?: string
  /** The message of the error. Default: `This fault was asked for.` */
  message?: string
  /** Headers to add to the answer. Default: none. */
  headers?: Record<string, string>
  /** Whether it comes before or after the request is carried out. Default: `before`. */
  when?: FaultTiming
}

/** Status 429. */
export interface ThrottleFault extends FaultTarget {
  /** `throttle`. */
  type: 'throttle'
  /** The header `Retry-After`: a number of seconds, or text such as an HTTP date. Default: none. */
  retryAfter?: number | string
}

/** A redirect elsewhere. */
export interface RedirectFault extends FaultTarget {
  /** `redirect`. */
  type: 'redirect'
  /** Where it leads: a full address. */
  location: string
  /** The HTTP status. Default: 307. */
  status?: 301 | 302 | 303 | 307 | 308
  /** Whether it comes before or after the request is carried out. Default: `before`. */
  when?: FaultTiming
}

/** A page of HTML with status 200, as a captive portal gives it. */
export interface HtmlFault extends FaultTarget {
  /** `html`. */
  type: 'html'
  /** Whether it comes before or after the request is carried out. Default: `before`. */
  when?: FaultTiming
}

/** An answer that is late, or a request that is carried out late. */
export interface DelayFault extends FaultTarget {
  /** `delay`. */
  type: 'delay'
  /** How late it is, in milliseconds. */
  milliseconds: number
  /** Whether it comes before or after the request is carried out. Default: `before`. */
  when?: FaultTiming
}

/** A connection that is cut without an answer. */
export interface DropFault extends FaultTarget {
  /** `drop`. */
  type: 'drop'
  /** Whether it comes before or after the request is carried out. Default: `before`. */
  when?: FaultTiming
}

/** The first half of an answer's body, after which the connection is cut. */
export interface TruncateFault extends FaultTarget {
  /** `truncate`. */
  type: 'truncate'
}

/** An answer whose `Content-Length` is not that of its body. */
export interface WrongLengthFault extends FaultTarget {
  /** `wrong-length`. */
  type: 'wrong-length'
  /** What is added to the length, in bytes; a negative number makes the body longer than its length says. */
  by: number
}

/** An answer whose body comes byte by byte. */
export interface DripFault extends FaultTarget {
  /** `drip`. */
  type: 'drip'
  /** The pause before each byte, in milliseconds. */
  milliseconds: number
}

/** An answer with the time of another clock. */
export interface DateFault extends FaultTarget {
  /** `date`. */
  type: 'date'
  /** What is added to the `Date` header, in milliseconds. */
  skew: number
}

/** Something that goes wrong with the next requests, on demand. */
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
