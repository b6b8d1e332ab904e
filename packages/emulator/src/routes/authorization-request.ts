import { isRegisteredRedirectUri, type OAuthApp } from '../domain/apps.ts'
import type { Domain } from '../domain/domain.ts'
import { notMatch } from '../domain/service-error.ts'
import type { User } from '../domain/user.ts'
import type { RequestTrace } from '../log/request-log.ts'
import { noteDeviation } from './accept-deviation.ts'
import { type Params, required } from './params.ts'

const loginTypes = ['default', 'ding', 'ding_sns', 'ram', 'wechat', 'wechat_app']

/** An authorization error response (RFC 6749 section 4.1.2.1). */
export interface AuthorizationProblem {
  error: string
  error_description?: string
}

/** An authorization request with a registered redirect URI. Its response may be redirected there. */
export interface AuthorizationRequest {
  app: OAuthApp
  redirect_uri: string
  scope: readonly string[]
  state?: string
  code_challenge?: string
  /** Why the request is rejected. */
  problem?: AuthorizationProblem
}

/**
 * Reads an authorization request.
 *
 * Throws the service's error for an unknown application or an unregistered redirect URI. In both cases, the browser
 * must not be redirected (RFC 6749 section 4.1.2.1).
 */
export function readAuthorizationRequest(
  domain: Domain,
  params: Params,
  trace: RequestTrace,
): AuthorizationRequest {
  const { app } = domain.findApp(required(params, 'client_id'))
  if (app.type === 'jwt') throw notMatch('client_id', 'it belongs to a JWT application')
  const redirect_uri = required(params, 'redirect_uri')
  if (!isRegisteredRedirectUri(app, redirect_uri)) {
    throw notMatch('redirect_uri', 'the application did not register this redirect_uri')
  }
  const state = params.get('state')
  const code_challenge = params.get('code_challenge')
  const problem = findProblem(domain, params, trace)
  return {
    app,
    redirect_uri,
    // The vendor does not document the scope names. A request without a scope gets all scopes.
    scope: params.get('scope')?.split(/[ ,]+/).filter(Boolean) ?? ['ALL'],
    ...(state !== undefined && { state }),
    ...(code_challenge !== undefined && { code_challenge }),
    ...(problem && { problem }),
  }
}

/** Approves a request for a user. Returns the redirect URL with a new code. */
export function approve(domain: Domain, request: AuthorizationRequest, user: User): string {
  const { app, redirect_uri, scope, code_challenge } = request
  const challenge = code_challenge !== undefined && { code_challenge }
  return redirectUrl(request, { code: domain.createCode(app, { user, redirect_uri, scope, ...challenge }) })
}

/** Returns the redirect URL with an authorization response. */
export function redirectUrl(
  { redirect_uri, state }: AuthorizationRequest,
  response: { code: string } | AuthorizationProblem,
): string {
  const url = new URL(redirect_uri)
  if (state !== undefined) url.searchParams.set('state', state)
  for (const [name, value] of Object.entries(response)) url.searchParams.set(name, value)
  return url.href
}

function findProblem(domain: Domain, params: Params, trace: RequestTrace): AuthorizationProblem | undefined {
  const invalid = (error_description: string) => ({ error: 'invalid_request', error_description })
  if (params.get('response_type') !== 'code') {
    return { error: 'unsupported_response_type', error_description: 'response_type must be code' }
  }
  const login_type = params.get('login_type')
  if (login_type === undefined && !domain.isStrict) {
    noteDeviation(trace, 'login_type is missing, which is documented as required')
  } else if (!loginTypes.includes(login_type ?? '')) {
    return invalid(`login_type must be one of ${loginTypes.join(', ')}`)
  }
  const challenge = params.get('code_challenge')
  const method = params.get('code_challenge_method')
  // RFC 7636 section 4.4.1, with S256 as the only method (RFC 9700 section 2.1.1). The vendor does not document this.
  if (challenge === undefined ? method !== undefined : method !== 'S256') {
    return invalid('code_challenge and code_challenge_method=S256 must be sent together')
  }
  if (challenge !== undefined && !/^[\w-]{43}$/.test(challenge)) {
    return invalid('code_challenge must be a SHA-256 digest, encoded as base64url')
  }
  return undefined
}

export const authorizePath = '/v2/oauth/authorize'

/** Returns the URL of the sign-in page for an application, with the parameters that the application would send. */
export function signInUrl(api_endpoint: string, { client_id, redirect_uris }: OAuthApp): string {
  const query = new URLSearchParams({
    response_type: 'code',
    login_type: 'default',
    client_id,
    redirect_uri: redirect_uris[0] ?? '',
  })
  return `${api_endpoint}${authorizePath}?${query}`
}
