import type { PDSErrorCode, PDSOutcome } from '@pds/core'
import { invalidParameter, PDSError, readParams, sanitizeText } from '@pds/core/internal'
import type { AuthorizationRequest } from './create-authorization-url.ts'

/** What `getTokenByCode` takes, but for the `client_secret` of a WebServer application. */
export interface AuthorizationResponse {
  /** The id of the OAuth application. */
  client_id: string
  /** The redirect URI that the authorization request named. */
  redirect_uri: string
  /** The authorization code, for one use, within minutes. */
  code: string
  /** What proves to the token endpoint that the code is asked for by who began; a secret. Absent without PKCE. */
  code_verifier?: string | undefined
}

/**
 * Checks the callback of a sign-in against the request that began it, and gives what the code is exchanged with.
 *
 * @param callback - Where the user came back to: a `URL`, a `Request` or the text of a full address, whose redirect URI
 * is checked too; or its search alone, as text with or without a `?`, as the path and search of Node.js's `request.url`,
 * or as `URLSearchParams`.
 * @param request - What `createAuthorizationUrl` made for this user.
 * @returns For `getTokenByCode`. It can be given the same callback again: that it is used once is the token endpoint's
 * business.
 * @throws PDSError `InvalidParameter`, also for a damaged request; `RedirectUriMismatch`; `StateRepeated`,
 * `StateMissing`, `StateMismatch`; `ErrorRepeated`; the server's own code where it answered with an error, such as
 * `access_denied`; `CodeRepeated`, `CodeMissing`. They are looked for in this order.
 * @see RFC 6749 sections 4.1.2 and 10.12, RFC 9700 section 4.7
 */
export function parseCallback(
  callback: string | URL | URLSearchParams | Request,
  request: AuthorizationRequest,
): AuthorizationResponse {
  const read = readParams('parseCallback: request', request)
  const client_id = read.string('client_id')
  const redirect_uri = read.string('redirect_uri')
  const expected = read.string('state')
  const code_verifier = read.optionalString('code_verifier')
  if (!URL.canParse(redirect_uri)) {
    throw invalidParameter('parseCallback: request: redirect_uri must be a full address')
  }
  const { url, params } = readCallback(callback)
  const difference = url && differenceOf(url, new URL(redirect_uri))
  if (difference) {
    const help = Object(callback).url
      ? ': behind a proxy that ends TLS, pass new URL(request.url).search'
      : ''
    throw failure(
      'RedirectUriMismatch',
      `the callback has another ${difference} than the redirect URI${help}`,
    )
  }

  const one = (name: string, repeated: PDSErrorCode): string => {
    const [value = '', ...others] = params.getAll(name)
    if (others.length > 0) throw failure(repeated, `the callback has more than one ${name}`)
    return value
  }

  const state = one('state', 'StateRepeated')
  if (!state) throw failure('StateMissing', 'the callback has no state: it is not the answer to the request')
  if (!timingSafeEqual(state, expected)) {
    throw failure(
      'StateMismatch',
      'the callback has another state than the request: it belongs to another sign-in, or is forged; begin again',
    )
  }

  const error = one('error', 'ErrorRepeated')
  const description = one('error_description', 'ErrorRepeated')
  const secrets = [expected, code_verifier ?? '', ...params.getAll('code')]
  const errorCode = sanitizeText(error, secrets)
  if (errorCode) {
    const message = sanitizeText(description, secrets) ?? `the sign-in was answered with ${errorCode}`
    throw failure(errorCode, message, 'responded')
  }

  const code = one('code', 'CodeRepeated')
  if (!code) throw failure('CodeMissing', 'the callback has neither a code nor an error')
  return { client_id, redirect_uri, code, ...(code_verifier !== undefined && { code_verifier }) }
}

function failure(code: PDSErrorCode, message: string, outcome: PDSOutcome = 'not-sent'): PDSError {
  return new PDSError(message, { code, outcome })
}

/** The parameters of a callback, and its address where that is given. By their shapes: they may be another realm's. */
function readCallback(callback: unknown): { url?: URL; params: URLSearchParams } {
  const { getAll, href, url } = Object(callback)
  if (getAll) return { params: callback as URLSearchParams }
  const address: unknown = href ?? url
  if (address !== undefined) return readCallback(address)
  if (typeof callback !== 'string') {
    throw invalidParameter(
      'parseCallback: callback must be a URL, a search string, URLSearchParams or a Request',
    )
  }
  // A search begins with ?, or has = before any colon.
  if (/^[a-z][a-z\d+.-]*:/i.test(callback) && URL.canParse(callback)) {
    const url = new URL(callback)
    return { url, params: url.searchParams }
  }
  return { params: new URLSearchParams(callback.replace(/#.*$/s, '').replace(/^\/[^?]*/, '')) }
}

/** In what an address is not the redirect URI: none of its own parameters is lost, and there may be more. */
function differenceOf(url: URL, expected: URL): string | undefined {
  for (const [name, called] of parts) if (url[name] !== expected[name]) return called
  const isThere = ([name, value]: [string, string]) => url.searchParams.getAll(name).includes(value)
  return [...expected.searchParams].every(isThere) ? undefined : 'query'
}

const parts = [
  ['protocol', 'scheme'],
  ['hostname', 'host'],
  ['port', 'port'],
  ['pathname', 'path'],
] as const

/**
 * Whether two texts are the same, in a time that does not tell how much of them is.
 *
 * A loop of our own: what browsers have for it is asynchronous, and Node.js's is Node.js's alone. Its length is that of
 * the first text, which whoever measures has sent.
 */
export function timingSafeEqual(given: string, secret: string): boolean {
  let difference = given.length ^ secret.length
  for (let index = 0; index < given.length; index++) {
    // Beyond the end it is NaN, which counts as 0.
    difference |= given.charCodeAt(index) ^ secret.charCodeAt(index)
  }
  return difference === 0
}
