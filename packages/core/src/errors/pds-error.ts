import type { PDSOutcome } from './outcome.ts'

/** The codes of errors that the SDK itself raises. */
export type PDSClientErrorCode =
  /** An argument is missing or wrong; nothing was sent. */
  | 'InvalidParameter'
  /** The function needs a runtime that this one is not: a server to sign on, or a page to sign in; nothing was sent. */
  | 'UnsupportedEnvironment'
  /** The private key or the signer did not sign. */
  | 'SigningFailed'
  /** The caller's own function that refreshes a token threw. */
  | 'RefreshFailed'
  /** The caller's signal ended the call. */
  | 'Aborted'
  /** No complete answer came within the timeout of an attempt, or of the whole call. */
  | 'Timeout'
  /** The connection could not be made, or broke. */
  | 'NetworkError'
  /** An answer came that is not what the service documents. */
  | 'InvalidResponse'
  /** A session has no token and cannot get one: the user has to sign in. */
  | 'LoginRequired'
  /** The store of a session failed, or holds what this version cannot read. */
  | 'StoreFailed'
  /** A stored session was not encrypted with one of the keys that are given. */
  | 'DecryptionFailed'
  /** A callback came to another address than the redirect URI of the authorization request. */
  | 'RedirectUriMismatch'
  /** A callback has no state, or an empty one. */
  | 'StateMissing'
  /** A callback has more than one state. */
  | 'StateRepeated'
  /** A callback has another state than the authorization request: it belongs to another one, or is forged. */
  | 'StateMismatch'
  /** A callback has more than one `error` or `error_description`. */
  | 'ErrorRepeated'
  /** A callback has neither an authorization code nor an error. */
  | 'CodeMissing'
  /** A callback has more than one authorization code. */
  | 'CodeRepeated'
  /** A page was called back for a sign-in that did not begin in its tab. */
  | 'SignInNotBegun'
  /** The browser did not open the window to sign in. */
  | 'PopupBlocked'
  /** The window to sign in was closed before the sign-in was done. */
  | 'PopupClosed'

/**
 * The codes of the service that its documents and its users' reports name, and those of OAuth 2.0 (RFC 6749 sections
 * 4.1.2.1 and 5.2, RFC 7009 section 2.2.1), open to others.
 */
export type PDSServiceErrorCode =
  | 'InvalidParameter'
  | 'InvalidParameter.ClientId'
  | 'InvalidParameter.RefreshToken'
  | 'InvalidParameterEmpty'
  | 'InvalidParameterWrongFormat'
  | 'InvalidParameterMissing'
  | 'InvalidParameterNotMatch'
  | 'InvalidParameterNotSupported'
  | 'InvalidParameterOutOfRange'
  | 'InvalidParameterExpired'
  | 'InvalidRequestJSONFormat'
  | 'AccessTokenInvalid'
  | 'TokenExpired'
  | 'ShareLinkTokenInvalid'
  | 'InternalError'
  | 'access_denied'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_request'
  | 'invalid_scope'
  | 'server_error'
  | 'temporarily_unavailable'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'
  | 'unsupported_token_type'
  | (string & {})

/** What went wrong, for programs: a code of the SDK or of the service. */
export type PDSErrorCode = PDSClientErrorCode | PDSServiceErrorCode

/** What a `PDSError` says of the request: never its headers, its query or its body, which hold secrets. */
export interface PDSErrorRequest {
  /** The method: `POST`. */
  method: string
  /** The address without query and fragment. */
  url: string
}

/** What a `PDSError` says of the response. */
export interface PDSErrorResponse {
  /** The HTTP status. */
  status: number
  /** The headers by lower-case name, without those that carry credentials (`set-cookie`, `location`). */
  headers: Record<string, string>
  /** The body of an error answer, parsed where it is JSON, with every secret of the request masked. */
  data?: unknown
}

/** What a `PDSError` is made of, for code that makes a method. */
export interface PDSErrorOptions {
  /** What went wrong, for programs. */
  code: PDSErrorCode
  /** Whether a one-time credential may have been spent. */
  outcome: PDSOutcome
  /** The HTTP status, where there was an answer: it makes the error a `ServerError`. */
  status?: number | undefined
  /** The service's id of the request. */
  reqId?: string | undefined
  /** The request, without what is secret. */
  request?: PDSErrorRequest | undefined
  /** The response, without what is secret. */
  response?: PDSErrorResponse | undefined
  /** What it was caused by. It must hold no secret: see `sanitizeError`. */
  cause?: unknown
}

// Registered globally, so that two copies of this package know each other's errors.
const brand = Symbol.for('@pds/core.PDSError')

/**
 * The one error that the SDK throws.
 *
 * It never carries a secret: not in its message, its fields, its `cause`, under `util.inspect` or in JSON.
 */
export class PDSError extends Error {
  /** `PDSError`, also in another copy of this package; see `isPDSError`. */
  override readonly name = 'PDSError'
  /** What went wrong, for programs: one of the SDK's codes, or the service's own. */
  readonly code: PDSErrorCode
  /** `ServerError` where the service answered, `ClientError` where the failure is on this side. */
  readonly type: 'ClientError' | 'ServerError'
  /** Whether a one-time credential may have been spent by the failed call. */
  readonly outcome: PDSOutcome
  /** The HTTP status, where there was an answer. */
  declare readonly status?: number
  /** The service's id of the request, to be quoted to its support. */
  declare readonly reqId?: string
  /** The request that failed, where there was one. */
  declare readonly request?: PDSErrorRequest
  /** The response, where there was one. */
  declare readonly response?: PDSErrorResponse

  /** Adds status, code and request id to the message where there was an answer, as the vendor's SDK does. */
  constructor(message: string, { code, outcome, status, reqId, request, response, cause }: PDSErrorOptions) {
    const hasResponse = status !== undefined
    // The vendor's SDK ends its messages in this way, and people search their logs for it.
    const tail = hasResponse ? ` [status: ${status}] [code: ${code}]${reqId ? ` [reqId: ${reqId}]` : ''}` : ''
    super(message + tail, cause === undefined ? undefined : { cause })
    this.code = code
    this.type = hasResponse ? 'ServerError' : 'ClientError'
    this.outcome = outcome
    // A field that is absent is not printed as undefined.
    for (const [name, value] of Object.entries({ status, reqId, request, response })) {
      if (value !== undefined) Object.assign(this, { [name]: value })
    }
    Object.defineProperty(this, brand, { value: true })
  }

  /** Gives the fields that JSON holds, the message among them. */
  toJSON(): Record<string, unknown> {
    const { name, message, code, type, outcome, status, reqId, request, response } = this
    return {
      name,
      message,
      code,
      type,
      outcome,
      status,
      reqId,
      request,
      response,
    }
  }
}

/** Whether a value is a `PDSError`, also one of another copy of this package. */
export function isPDSError(value: unknown): value is PDSError {
  return typeof value === 'object' && value !== null && brand in value
}
