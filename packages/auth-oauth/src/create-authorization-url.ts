import type { PDSTransport } from '@pds/core'
import { invalidParameter, PDSError, readParams } from '@pds/core/internal'
import type { IAuthorizationReq } from '@pds/types'

/**
 * An authorization request, as plain JSON: it can wait in a server's session or in sessionStorage while the user is
 * away.
 */
export interface AuthorizationRequest {
  /** Where the user signs in: redirect to it, or open it in the system's browser. */
  url: string
  /** The id of the OAuth application. */
  client_id: string
  /** Where the user comes back to. */
  redirect_uri: string
  /** What the callback must bring back. */
  state: string
  /** What proves to the token endpoint that the code is asked for by who began; a secret. Absent without PKCE. */
  code_verifier?: string | undefined
}

/**
 * Begins a sign-in: makes the address of the authorize page, with a state and PKCE, which the callback is checked
 * against by `parseCallback`.
 *
 * @param transport - From `createTransport`; its `authorization_endpoint` may have a query, which is kept.
 * @param params - The application, its redirect URI, and what the sign-in is to be like.
 * @returns The request. Keep it where only this user can get at it: it is good for one sign-in.
 * @throws PDSError `InvalidParameter`, also for a parameter that there is not; `UnsupportedEnvironment` where there is no
 * WebCrypto, as on a page that came over plain `http:`.
 * @see RFC 6749 section 4.1.1, RFC 7636 section 4, RFC 9700 section 2.1.1, and the vendor's API reference, `Authorize`
 */
export async function createAuthorizationUrl(
  transport: PDSTransport,
  params: IAuthorizationReq,
): Promise<AuthorizationRequest> {
  const read = readParams('createAuthorizationUrl', params)
  const query = {
    client_id: read.string('client_id'),
    redirect_uri: read.string('redirect_uri', 'redirect_url'),
    login_type: read.optionalString('login_type') ?? 'default',
    scope: read.optionalString('scope'),
    hide_consent: read.boolean('hide_consent', undefined),
    prompt: read.optionalString('prompt'),
    state: read.optionalString('state') ?? randomText(),
  } satisfies Partial<Record<keyof IAuthorizationReq | 'redirect_uri', unknown>>
  // client_secret is no parameter, but it may be in an object that serves all calls. It goes nowhere from here.
  const names = [...Object.keys(query), 'redirect_url', 'pkce', 'client_secret']
  // Without a scope the application may do all: a misspelt one must not pass.
  const unknown = Object.keys(params).find((name) => !names.includes(name))
  if (unknown !== undefined) {
    throw invalidParameter(`createAuthorizationUrl: ${unknown} is not a parameter`)
  }
  const { client_id, redirect_uri, state } = query
  const isAddress = URL.canParse(redirect_uri) && new URL(redirect_uri).protocol !== 'javascript:'
  if (!isAddress || redirect_uri.includes('#')) {
    throw invalidParameter(
      'createAuthorizationUrl: redirect_uri must be a full address without a fragment, such as https://app.example.com/callback',
    )
  }
  const { code_verifier, challenge } = read.boolean('pkce', true)
    ? await createChallenge()
    : ({} as Challenge)
  const url = new URL(transport.authorization_endpoint)
  for (const [name, value] of Object.entries({ response_type: 'code', ...query, ...challenge })) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  return { url: url.href, client_id, redirect_uri, state, ...(code_verifier && { code_verifier }) }
}

interface Challenge {
  code_verifier?: string
  challenge?: Record<string, string>
}

async function createChallenge(): Promise<Challenge> {
  // Browsers have it on pages of https: and of this machine alone.
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle
  if (!subtle) {
    throw new PDSError('PKCE needs WebCrypto, which browsers have on pages of https: and localhost only', {
      code: 'UnsupportedEnvironment',
      outcome: 'not-sent',
    })
  }
  const code_verifier = randomText()
  const digest = await subtle.digest('SHA-256', new TextEncoder().encode(code_verifier))
  const code_challenge = base64url(new Uint8Array(digest))
  return { code_verifier, challenge: { code_challenge, code_challenge_method: 'S256' } }
}

/** 32 random bytes in base64url: 43 characters, as RFC 7636 section 4.1 recommends. */
function randomText(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)))
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}
