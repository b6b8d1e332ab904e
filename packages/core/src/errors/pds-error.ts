import { type PDSOutcome, statusOutcome } from './outcome.ts'

/** The codes of errors that the SDK creates. */
export type PDSClientErrorCode =
  /** An argument is missing or invalid. Nothing was sent. */
  | 'InvalidParameter'
  /** The function needs another runtime, for example a server to sign, or a page to sign in. Nothing was sent. */
  | 'UnsupportedEnvironment'
  /** The private key or the `signer` function failed to sign. */
  | 'SigningFailed'
  /**
   * The `refresh_token_fun` or `refresh_share_token_fun` of a client threw, returned no token or did not finish in
   * time, or the grant of a session threw or returned no token.
   */
  | 'RefreshFailed'
  /** The `signal` of the call was aborted. */
  | 'Aborted'
  /** No complete response arrived within `timeout` or `totalTimeout`. */
  | 'Timeout'
  /** The connection failed or was lost. */
  | 'NetworkError'
  /** The service asked to wait for longer than the call may take. `retryAt` has the time. Nothing was sent. */
  | 'Throttled'
  /** The response is not one that the service documents. */
  | 'InvalidResponse'
  /** A session has no token and cannot obtain one: the user must sign in. */
  | 'LoginRequired'
  /** The store of a session failed, or contains a record that this version cannot read. */
  | 'StoreFailed'
  /** A stored session cannot be decrypted with any of the given keys. */
  | 'DecryptionFailed'
  /** The callback URL is not the redirect URI of the authorization request. */
  | 'RedirectUriMismatch'
  /** The callback URL has no `state`, or an empty one. */
  | 'StateMissing'
  /** The callback URL has more than one `state`. */
  | 'StateRepeated'
  /** The `state` differs from the authorization request's: the callback belongs to another request or is forged. */
  | 'StateMismatch'
  /** The callback URL has more than one `error` or `error_description`. */
  | 'ErrorRepeated'
  /** The callback URL has no `iss`, which the server's metadata promises (RFC 9207). */
  | 'IssuerMissing'
  /** The callback URL has more than one `iss`. */
  | 'IssuerRepeated'
  /** The `iss` of the callback URL is another server than the one of the sign-in (RFC 9207). */
  | 'IssuerMismatch'
  /** The callback URL has neither a `code` nor an `error`. */
  | 'CodeMissing'
  /** The callback URL has more than one `code`. */
  | 'CodeRepeated'
  /** A page received the callback of a sign-in that did not start in the same tab. */
  | 'SignInNotBegun'
  /** The browser blocked the sign-in window. */
  | 'PopupBlocked'
  /** The sign-in window was closed before it left for the sign-in page. */
  | 'PopupClosed'
  /** No port for the callback of a sign-in is available, because another program uses one. */
  | 'PortInUse'
  /** The browser of a sign-in was closed before the callback. */
  | 'BrowserClosed'
  /** The keychain of the system is locked, missing or denied. */
  | 'KeychainFailed'

/**
 * The error codes of the service, as its documentation and its users report them, and of OAuth 2.0 (RFC 6749 sections
 * 4.1.2.1 and 5.2, RFC 7009 section 2.2.1, OpenID Connect Core section 3.1.2.6). The service may send other codes.
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
  | 'consent_required'
  | 'interaction_required'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_request'
  | 'invalid_scope'
  | 'login_required'
  | 'server_error'
  | 'temporarily_unavailable'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'
  | 'unsupported_token_type'
  | (string & {})

/** The code of a `PDSError`: one of the SDK or of the service. */
export type PDSErrorCode = PDSClientErrorCode | PDSServiceErrorCode

/** The request of a `PDSError`, without its headers, query and body, which contain secrets. */
export interface PDSErrorRequest {
  /** The HTTP method: `POST`. */
  method: string
  /** The URL without query and fragment, redacted. */
  url: string
}

/** The response of a `PDSError`, redacted. */
export interface PDSErrorResponse {
  /** The HTTP status. */
  status: number
  /** The headers by lower-case name, without `set-cookie` and `location`, which may contain credentials. */
  headers: Record<string, string>
  /**
   * The documented fields of an error response in JSON or as a form, redacted: `code`, `message` and `requestId`, which may be
   * capitalized, and `error`, `error_description` and `error_uri` of RFC 6749. Other fields and nested data are dropped,
   * because they may contain secrets. Texts have at most 1000 characters. Absent if the body has no documented field.
   */
  data?: unknown
}

/** The fields of a new `PDSError`. */
export interface PDSErrorOptions {
  /** The code of the error. */
  code: PDSErrorCode
  /** Whether a one-time credential may have been spent. */
  outcome: PDSOutcome
  /** The HTTP status, if there was a response. It makes the error a `ServerError`. */
  status?: number | undefined
  /** The request id of the service. */
  reqId?: string | undefined
  /** When the service accepts requests again, in milliseconds since the epoch. */
  retryAt?: number | undefined
  /** The request, without secrets. */
  request?: PDSErrorRequest | undefined
  /** The response, without secrets. */
  response?: PDSErrorResponse | undefined
  /** The cause. It must not contain secrets; see `sanitizeError`. */
  cause?: unknown
}

/**
 * The error class of the SDK.
 *
 * It never contains a secret: not in its message, its fields or its `cause`, and not under `util.inspect` or in JSON.
 *
 * @example
 * ```ts
 * import { PDSError } from '@pds/core'
 *
 * // For tests of code that handles errors of the SDK.
 * const error = new PDSError('the user is disabled', { code: 'UserNotEnabled', status: 403, outcome: 'responded' })
 * error.message // 'the user is disabled [status: 403] [code: UserNotEnabled]'
 * ```
 */
export class PDSError extends Error {
  /** `PDSError`, in every copy of this package; see `isPDSError`. */
  override readonly name = 'PDSError'
  /** The code of the SDK (`PDSClientErrorCode`) or of the service (`PDSServiceErrorCode`). */
  readonly code: PDSErrorCode
  /** `ServerError` if the service responded, `ClientError` otherwise. */
  readonly type: 'ClientError' | 'ServerError'
  /** Whether the failed call may have spent its one-time credential. */
  readonly outcome: PDSOutcome
  /** The HTTP status. Absent if no response arrived. */
  declare readonly status?: number
  /** The request id of the service, to quote to its support. */
  declare readonly reqId?: string
  /**
   * When the service accepts requests again, in milliseconds since the epoch by the local clock. Absent if the service
   * did not ask to wait.
   */
  declare readonly retryAt?: number
  /** The failed request. Absent if no request failed. */
  declare readonly request?: PDSErrorRequest
  /** The response. Absent if none arrived. */
  declare readonly response?: PDSErrorResponse

  /** Creates an error. With a status, the message ends with status, code and request id, as in the vendor's SDK. */
  constructor(message: string, options: PDSErrorOptions)
  /**
   * Creates an error as in the vendor's SDK. The status decides the outcome: `responded` for 4xx and 503, `unknown`
   * for another status and without one.
   */
  constructor(message: string, code: PDSErrorCode, status?: number, reqId?: string)
  constructor(message: string, from: PDSErrorOptions | PDSErrorCode, statusOfCode?: number, id?: string) {
    const fields: PDSErrorOptions =
      typeof from === 'object'
        ? from
        : { code: from, outcome: statusOutcome(statusOfCode), status: statusOfCode, reqId: id }
    const { code, status, reqId, cause } = fields
    const hasResponse = status !== undefined
    // Users of the vendor's SDK search their logs for this text.
    const tail = hasResponse ? ` [status: ${status}] [code: ${code}]${reqId ? ` [reqId: ${reqId}]` : ''}` : ''
    // The message of a revived error has it already.
    super(message.endsWith(tail) ? message : message + tail, cause === undefined ? undefined : { cause })
    this.code = code
    this.type = hasResponse ? 'ServerError' : 'ClientError'
    this.outcome = fields.outcome
    for (const name of ['status', 'reqId', 'retryAt', 'request', 'response'] as const) {
      // Undefined fields stay absent: util.inspect would print them.
      if (fields[name] !== undefined) Object.assign(this, { [name]: fields[name] })
    }
  }

  /** Returns the fields for JSON, including the message. `reviveError` makes an error of them. */
  toJSON(): Record<string, unknown> {
    return { ...(this as object), message: this.message }
  }
}

/**
 * Returns whether a value is a `PDSError` of any copy of this package.
 *
 * It is also true for the error that `worker.on('error')` of Node.js gives, which has the fields of a `PDSError` but no
 * methods.
 *
 * @example
 * ```ts
 * import { isPDSError } from '@pds/core'
 *
 * export function mustSignIn(error: unknown): boolean {
 *   return isPDSError(error) && error.code === 'LoginRequired'
 * }
 * ```
 */
export function isPDSError(value: unknown): value is PDSError {
  try {
    const { name, code, outcome, stack } = Object(value)
    // Not instanceof: the error may come from another copy or another realm. Only an error has a stack.
    return name === 'PDSError' && [code, outcome, stack].every((field) => typeof field === 'string')
  } catch {
    // A Proxy, or a getter that throws.
    return false
  }
}
