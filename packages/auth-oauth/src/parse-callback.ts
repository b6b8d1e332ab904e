import { invalidParameter } from '@pds/core/internal'
import { type AuthorizationResponse, checkCallback } from './check-callback.ts'
import type { AuthorizationRequest } from './create-authorization-url.ts'

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
 * `RedirectUriMismatch`; `StateRepeated`, `StateMissing`, `StateMismatch`; `IssuerRepeated`, `IssuerMissing`,
 * `IssuerMismatch`; `ErrorRepeated`; the error code of the authorization response, such as `access_denied`;
 * `CodeRepeated`, `CodeMissing`.
 * @see RFC 6749 sections 4.1.2 and 10.12, RFC 9207 section 2.4, RFC 9700 section 4.7
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
  const { url, params } = readCallback(callback)
  const help = Object(callback).url ? ': behind a TLS proxy, pass new URL(request.url).search' : ''
  return checkCallback(request, params, url, help)
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
