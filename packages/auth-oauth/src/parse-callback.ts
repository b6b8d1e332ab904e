import type { PDSErrorCode, PDSOutcome } from '@pds/core'
import {
  type CheckedParams,
  invalidParameter,
  mustBe,
  PDSError,
  readParams,
  requiredText,
  sanitizeText,
  textOption,
} from '@pds/core/internal'
import type { AuthorizationRequest } from './create-authorization-url.ts'

/** The parameters of `getTokenByCode`, without the `client_secret` of a WebServer application. */
export interface AuthorizationResponse {
  /** The id of the OAuth application. */
  client_id: string
  /** The redirect URI of the authorization request. */
  redirect_uri: string
  /** The authorization code: valid for one use, within minutes. */
  code: string
  /**
   * The PKCE code verifier, a secret: it proves that the sender of the code started the sign-in. Absent without PKCE.
   */
  code_verifier?: string | undefined
}

/**
 * Checks the callback of a sign-in against its authorization request, and returns the parameters of `getTokenByCode`.
 *
 * Accepts the same callback again: the token endpoint enforces that a code is used once.
 *
 * @param callback - The callback as a `URL`, a `Request` or an absolute URL as a string: these are also compared with
 * the redirect URI. Or only its query: a string with or without `?`, the path and query of Node.js's `request.url`, or
 * `URLSearchParams`.
 * @param request - The request that `createAuthorizationUrl` returned for this user.
 * @returns The parameters of `getTokenByCode`, without `client_secret`.
 * @throws PDSError The first of these, in this order: `InvalidParameter`, also if the request is damaged;
 * `RedirectUriMismatch`; `StateRepeated`, `StateMissing`, `StateMismatch`; `ErrorRepeated`; the error code of the
 * authorization response, such as `access_denied`; `CodeRepeated`, `CodeMissing`.
 * @see RFC 6749 sections 4.1.2 and 10.12, RFC 9700 section 4.7
 * @example
 * ```ts
 * import { type AuthorizationRequest, parseCallback } from '@pds/auth-oauth'
 * import { isPDSError } from '@pds/core'
 *
 * export function readCallback(callbackUrl: string, request: AuthorizationRequest) {
 *   try {
 *     return parseCallback(callbackUrl, request)
 *   } catch (error) {
 *     if (isPDSError(error) && error.code === 'access_denied') return undefined
 *     throw error
 *   }
 * }
 * ```
 */
export function parseCallback(
  callback: string | URL | URLSearchParams | Request,
  request: AuthorizationRequest,
): AuthorizationResponse {
  const { client_id, redirect_uri, state: expected, code_verifier } = readRequest(request)
  if (!URL.canParse(redirect_uri)) {
    throw invalidParameter('parseCallback: request: redirect_uri must be an absolute URL')
  }
  const { url, params } = readCallback(callback)
  const difference = url && differenceOf(url, new URL(redirect_uri))
  if (difference) {
    const help = Object(callback).url ? ': behind a TLS proxy, pass new URL(request.url).search' : ''
    throw failure(
      'RedirectUriMismatch',
      `the callback and the redirect URI differ in the ${difference}${help}`,
    )
  }

  const single = (name: string, repeated: PDSErrorCode): string => {
    const [value = '', ...others] = params.getAll(name)
    if (others.length > 0) throw failure(repeated, `the callback has more than one ${name}`)
    return value
  }

  const state = single('state', 'StateRepeated')
  if (!state)
    throw failure('StateMissing', 'the callback has no state: it is not the response to this request')
  if (!timingSafeEqual(state, expected)) {
    throw failure(
      'StateMismatch',
      'the callback has another state than the request: it is forged or belongs to another sign-in',
    )
  }

  const error = single('error', 'ErrorRepeated')
  const description = single('error_description', 'ErrorRepeated')
  const secrets = [expected, code_verifier ?? '', ...params.getAll('code')]
  const errorCode = sanitizeText(error, secrets)
  if (errorCode) {
    const message =
      sanitizeText(description, secrets) ?? `the authorization response has the error ${errorCode}`
    throw failure(errorCode, message, 'responded')
  }

  const code = single('code', 'CodeRepeated')
  if (!code) throw failure('CodeMissing', 'the callback has neither a code nor an error')
  if (!textOption.accepts(code)) throw mustBe('parseCallback: code', textOption.wants, code)
  return { client_id, redirect_uri, code, ...(code_verifier !== undefined && { code_verifier }) }
}

function failure(code: PDSErrorCode, message: string, outcome: PDSOutcome = 'not-sent'): PDSError {
  return new PDSError(message, { code, outcome })
}

/** Returns the checked fields of a stored request. Ignores other fields: an application may add its own. */
function readRequest(request: unknown): CheckedParams<typeof requestFields> {
  const { client_id, redirect_uri, state, code_verifier } = Object(request)
  return readParams(
    'parseCallback: request',
    { client_id, redirect_uri, state, code_verifier },
    requestFields,
  )
}

const requestFields = {
  client_id: requiredText,
  redirect_uri: requiredText,
  state: requiredText,
  code_verifier: textOption,
}

/** Returns the parameters of a callback, and its URL if it has one. Checks shapes: objects may be of another realm. */
function readCallback(callback: unknown): { url?: URL; params: URLSearchParams } {
  const { getAll, href, url } = Object(callback)
  if (getAll) return { params: callback as URLSearchParams }
  const inner: unknown = href ?? url
  if (inner !== undefined) return readCallback(inner)
  if (typeof callback !== 'string') {
    throw invalidParameter(
      'parseCallback: callback must be a URL, a query string, URLSearchParams or a Request',
    )
  }
  // A pasted line ends with a line break.
  const text = callback.trim()
  // A query has no scheme: it starts with ?, or has = before any colon.
  if (/^[a-z][a-z\d+.-]*:/i.test(text) && URL.canParse(text)) {
    const url = new URL(text)
    return { url, params: url.searchParams }
  }
  return { params: new URLSearchParams(text.replace(/#.*$/s, '').replace(/^\/[^?]*/, '')) }
}

/** Names the first part in which a URL differs from the redirect URI. The URL may have more parameters. */
function differenceOf(url: URL, expected: URL): string | undefined {
  for (const [name, label] of parts) if (url[name] !== expected[name]) return label
  const isPresent = ([name, value]: [string, string]) => url.searchParams.getAll(name).includes(value)
  return [...expected.searchParams].every(isPresent) ? undefined : 'query'
}

const parts = [
  ['protocol', 'scheme'],
  ['hostname', 'host'],
  ['port', 'port'],
  ['pathname', 'path'],
] as const

/**
 * Checks whether two strings are equal, in a time that does not depend on where they differ.
 *
 * Browsers have only an asynchronous equivalent, and `timingSafeEqual` of `node:crypto` exists only in some runtimes.
 * The time depends on the length of `given`, which an attacker knows.
 */
export function timingSafeEqual(given: string, secret: string): boolean {
  let difference = given.length ^ secret.length
  for (let index = 0; index < given.length; index++) {
    // Past the end of the secret, charCodeAt returns NaN, which XOR treats as 0.
    difference |= given.charCodeAt(index) ^ secret.charCodeAt(index)
  }
  return difference === 0
}
