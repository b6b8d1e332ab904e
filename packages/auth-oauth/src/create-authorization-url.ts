import type { PDSTransport } from '@pds/core'
import {
  appendParams,
  booleanOption,
  checkTransport,
  invalidParameter,
  paramsOption,
  readParams,
  sha256,
  textOption,
  toBase64Url,
} from '@pds/core/internal'
import type { IAuthorizationReq } from '@pds/types'
import { isSafeRedirectUri, signInParams } from './app-params.ts'
import { signInError } from './sign-in-error.ts'

/**
 * An authorization request as plain JSON, which a server's session or sessionStorage can hold until the callback
 * arrives.
 */
export interface AuthorizationRequest {
  /** The URL of the sign-in page: redirect the user to it, or open it in the system's browser. */
  url: string
  /** The id of the OAuth application. */
  client_id: string
  /** The redirect URI that the callback must match. */
  redirect_uri: string
  /** The state that the callback must repeat. */
  state: string
  /**
   * The PKCE code verifier, a secret: it proves that the sender of the code started the sign-in. Absent without PKCE.
   */
  code_verifier?: string | undefined
  /** The `iss` that the callback may have (RFC 9207). Undefined if the transport has no `issuer`. */
  issuer?: string | undefined
  /** Whether the callback must have an `iss`. Undefined unless the metadata of the transport says so. */
  iss_required?: boolean | undefined
}

/**
 * Creates an authorization request: the URL of the sign-in page, a random state and a PKCE code verifier.
 * `parseCallback` checks the callback against it.
 *
 * @param transport - From `createTransport`; a query in its `authorization_endpoint` is kept.
 * @param params - The application, its redirect URI and the options of the sign-in.
 * @returns The request, for one sign-in. Store it where only this user can read it.
 * @throws PDSError `InvalidParameter` if a parameter is invalid or unknown; `UnsupportedEnvironment` if the runtime has
 * no WebCrypto, as on a page served over plain `http:`.
 * @see RFC 6749 section 4.1.1, RFC 7636 section 4, RFC 9700 section 2.1.1, and the vendor's API reference, `Authorize`
 * @example
 * ```ts
 * import { createAuthorizationUrl } from '@pds/auth-oauth'
 * import { createTransport } from '@pds/core'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 * const request = await createAuthorizationUrl(transport, {
 *   client_id: 'webserver-app',
 *   redirect_uri: 'https://app.example.com/callback',
 * })
 * // Store the request in the user's session, then redirect the user to request.url.
 * ```
 */
export async function createAuthorizationUrl(
  transport: PDSTransport,
  params: IAuthorizationReq,
): Promise<AuthorizationRequest> {
  return createRequest('createAuthorizationUrl', transport, params)
}

/** Does what `createAuthorizationUrl` does. `method` is the function that the user called. */
export async function createRequest(
  method: string,
  transport: PDSTransport,
  params: IAuthorizationReq,
): Promise<AuthorizationRequest> {
  checkTransport(method, transport)
  // Ignores client_secret, so that an application can pass one object to every function. An unknown name is rejected:
  // without scope, the application gets every permission.
  const {
    client_secret,
    client_auth,
    // Other servers do not know the vendor's parameter.
    login_type = transport.metadata ? null : 'default',
    extraParams,
    pkce = true,
    state: given,
    ...sent
  } = readParams(method, params, {
    ...signInParams,
    redirect_uri: { ...signInParams.redirect_uri, accepts: isSafeRedirectUri },
    login_type: { ...textOption, accepts: (value) => value === null || textOption.accepts(value) },
    scope: textOption,
    hide_consent: booleanOption,
    prompt: textOption,
    state: textOption,
    pkce: booleanOption,
    extraParams: paramsOption,
  })
  // Browsers have `subtle` only in secure contexts: https: and localhost. React Native has no `crypto`.
  const { crypto } = globalThis
  if (!(pkce ? crypto?.subtle : given || crypto?.getRandomValues)) {
    throw signInError(
      'UnsupportedEnvironment',
      `${method} needs WebCrypto: serve the page over HTTPS, or set globalThis.crypto in React Native`,
    )
  }
  const state = given ?? randomText()
  const code_verifier = pkce ? randomText() : undefined
  const query = {
    response_type: 'code',
    ...(login_type && { login_type }),
    ...sent,
    state,
    ...(code_verifier && {
      code_challenge: await sha256(code_verifier),
      code_challenge_method: 'S256',
    }),
  }
  const url = new URL(transport.authorization_endpoint)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value))
  const { href, searchParams } = appendParams(url, extraParams, `${method}: extraParams`)
  const repeated = Object.keys(query).find((name) => searchParams.getAll(name).length > 1)
  if (repeated) throw invalidParameter(`${method}: extraParams must not contain ${repeated}`)
  const { client_id, redirect_uri } = sent
  const { issuer, metadata } = transport
  return {
    url: href,
    client_id,
    redirect_uri,
    state,
    ...(code_verifier && { code_verifier }),
    issuer,
    iss_required: metadata?.authorization_response_iss_parameter_supported || undefined,
  }
}

/** Returns 32 random bytes in base64url: 43 characters, as RFC 7636 section 4.1 recommends. */
function randomText(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(32)))
}
