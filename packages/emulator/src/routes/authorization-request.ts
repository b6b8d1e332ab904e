import { isRegisteredRedirectUri, type OAuthApp } from '../domain/apps.ts'
import type { Domain } from '../domain/domain.ts'
import type { User } from '../domain/options.ts'
import { notMatch } from '../domain/service-error.ts'
import { type Params, required } from './params.ts'

const loginTypes = ['default', 'ding', 'ding_sns', 'ram', 'wechat', 'wechat_app']

/** What is wrong with an authorization request, as the application is told (RFC 6749 section 4.1.2.1). */
export interface AuthorizationProblem {
  error: string
  error_description?: string
}

/** An authorization request whose answer may be sent to its redirect URI. */
export interface AuthorizationRequest {
  app: OAuthApp
  redirect_uri: string
  scope: readonly string[]
  state?: string
  code_challenge?: string
  problem?: AuthorizationProblem
}

/**
 * Reads an authorization request.
 *
 * Throws the service's error for an unknown application or redirect URI, which is never redirected to (RFC 6749
 * section 4.1.2.1).
 */
export function readAuthorizationRequest(domain: Domain, params: Params): AuthorizationRequest {
  const { app } = domain.findApp(required(params, 'client_id'))
  if (app.type === 'jwt') throw notMatch('client_id', 'it is a JWT application')
  const redirect_uri = required(params, 'redirect_uri')
  if (!isRegisteredRedirectUri(app, redirect_uri)) {
    throw notMatch('redirect_uri', 'the application did not register it')
  }
  const state = params.get('state')
  const code_challenge = params.get('code_challenge')
  const problem = findProblem(params)
  return {
    app,
    redirect_uri,
    // The vendor does not name the scopes; all of them are meant where none is asked for.
    scope: params.get('scope')?.split(/[ ,]+/).filter(Boolean) ?? ['ALL'],
    ...(state !== undefined && { state }),
    ...(code_challenge !== undefined && { code_challenge }),
    ...(problem && { problem }),
  }
}

/** Approves a request for a user, and gives the address that takes a new code to the application. */
export function approve(domain: Domain, request: AuthorizationRequest, user: User): string {
  const { app, redirect_uri, scope, code_challenge } = request
  const challenge = code_challenge !== undefined && { code_challenge }
  return redirectUrl(request, { code: domain.createCode(app, { user, redirect_uri, scope, ...challenge }) })
}

/** The address that takes an answer to the application. */
export function redirectUrl(
  { redirect_uri, state }: AuthorizationRequest,
  response: { code: string } | AuthorizationProblem,
): string {
  const address = new URL(redirect_uri)
  if (state !== undefined) address.searchParams.set('state', state)
  for (const [name, value] of Object.entries(response)) address.searchParams.set(name, value)
  return address.href
}

function findProblem(params: Params): AuthorizationProblem | undefined {
  const invalid = (error_description: string) => ({ error: 'invalid_request', error_description })
  if (params.get('response_type') !== 'code') {
    return { error: 'unsupported_response_type', error_description: 'response_type must be code' }
  }
  if (!loginTypes.includes(params.get('login_type') ?? '')) {
    return invalid(`login_type must be one of ${loginTypes.join(', ')}`)
  }
  const challenge = params.get('code_challenge')
  const method = params.get('code_challenge_method')
  // RFC 7636 section 4.4.1, with S256 as the only method (RFC 9700 section 2.1.1). The vendor does not say.
  if (challenge === undefined ? method !== undefined : method !== 'S256') {
    return invalid('code_challenge needs code_challenge_method S256')
  }
  if (challenge !== undefined && !/^[\w-]{43}$/.test(challenge)) {
    return invalid('code_challenge must be a SHA-256 digest in base64url')
  }
  return undefined
}

export const authorizePath = '/v2/oauth/authorize'

/** The address of the page on which a user signs in to an application, as this would send a browser there. */
export function signInUrl(api_endpoint: string, { client_id, redirect_uris }: OAuthApp): string {
  const query = new URLSearchParams({
    response_type: 'code',
    login_type: 'default',
    client_id,
    redirect_uri: redirect_uris[0] ?? '',
  })
  return `${api_endpoint}${authorizePath}?${query}`
}
