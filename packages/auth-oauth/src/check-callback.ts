import type { PDSErrorCode } from '@pds/core'
import { booleanOption, readParams, requiredText, sanitizeText, textOption } from '@pds/core/internal'
import { signInParams } from './app-params.ts'
import type { AuthorizationRequest } from './create-authorization-url.ts'
import { signInError } from './sign-in-error.ts'

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
 * Does what `parseCallback` does, with the parameters of a callback, and its URL if it has one. `help` is added to the
 * message if that is another URL than the redirect URI.
 */
export function checkCallback(
  request: AuthorizationRequest,
  params: URLSearchParams,
  url?: URL,
  help = '',
): AuthorizationResponse {
  // Ignores other fields of a stored request: an application may add its own.
  const fields = Object.keys(requestFields).map((name) => [name, Object(request)[name]])
  const checked = readParams('parseCallback: request', Object.fromEntries(fields), requestFields)
  const { state, issuer, iss_required, ...app } = checked
  const difference = url && differenceOf(url, new URL(app.redirect_uri))
  if (difference) {
    throw signInError(
      'RedirectUriMismatch',
      `the callback and the redirect URI differ in the ${difference}${help}`,
    )
  }

  const single = (name: string, repeated: PDSErrorCode): string => {
    const [value = '', ...others] = params.getAll(name)
    if (others.length > 0) throw signInError(repeated, `the callback has more than one ${name}`)
    return value
  }

  const given = single('state', 'StateRepeated')
  if (!given) {
    throw signInError('StateMissing', 'the callback has no state')
  }
  if (!timingSafeEqual(given, state)) {
    throw signInError('StateMismatch', 'the callback belongs to another sign-in, or is forged')
  }

  // The vendor does not document an iss, so only a known issuer is compared (RFC 9207 section 2.4).
  if (issuer) {
    const iss = single('iss', 'IssuerRepeated')
    if (!iss && iss_required) throw signInError('IssuerMissing', 'the callback has no iss')
    if (iss && iss !== issuer) throw signInError('IssuerMismatch', 'the callback comes from another server')
  }

  const secrets = [state, app.code_verifier ?? '', ...params.getAll('code')]
  const [error, description] = ['error', 'error_description'].map((name) =>
    sanitizeText(single(name, 'ErrorRepeated'), secrets),
  )
  if (error) {
    throw signInError(error, description ?? `the authorization response has the error ${error}`, 'responded')
  }

  const code = single('code', 'CodeRepeated')
  if (!code) throw signInError('CodeMissing', 'the callback has neither a code nor an error')
  return { ...app, ...readParams('parseCallback', { code }, { code: requiredText }) }
}

const requestFields = {
  client_id: requiredText,
  redirect_uri: signInParams.redirect_uri,
  state: requiredText,
  code_verifier: textOption,
  issuer: textOption,
  iss_required: booleanOption,
}

/**
 * Names the first part in which a URL differs from the redirect URI. The URL may have more parameters.
 *
 * A system may add or remove the root slash of a custom scheme: both are the same path (RFC 3986 section 6.2.3). The
 * path of an `https:` URL is never empty.
 */
function differenceOf(url: URL, expected: URL): string | undefined {
  const part = (['protocol', 'hostname', 'port', 'pathname'] as const).find(
    (name) => (url[name] || '/') !== (expected[name] || '/'),
  )
  const isPresent = ([name, value]: [string, string]) => url.searchParams.getAll(name).includes(value)
  return part ?? ([...expected.searchParams].every(isPresent) ? undefined : 'query')
}

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
