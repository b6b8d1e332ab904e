import { isRegisteredRedirectUri, type OAuthApp } from './apps.ts'
import type { Domain } from './domain.ts'
import { type Params, required } from './params.ts'
import { missing, notMatch, ServiceError } from './service-error.ts'

const loginTypes = ['default', 'ding', 'ding_sns', 'ram', 'wechat', 'wechat_app']

/**
 * `GET /v2/oauth/authorize`: gives the address to redirect to.
 *
 * There is no page to sign in on: the parameter `user_id`, which is the emulator's own, names the user who
 * approves. An unknown application or redirect URI is answered here and never redirected to (RFC 6749 section
 * 4.1.2.1).
 */
export function authorize(domain: Domain, params: Params): string {
  const { app } = domain.findApp(required(params, 'client_id'))
  if (app.type === 'jwt') throw notMatch('client_id', 'it is a JWT application')
  const redirect_uri = required(params, 'redirect_uri')
  if (!isRegisteredRedirectUri(app, redirect_uri)) {
    throw notMatch('redirect_uri', 'the application did not register it')
  }
  const answer = new URL(redirect_uri)
  const state = params.get('state')
  if (state !== undefined) answer.searchParams.set('state', state)
  const problem = findProblem(params)
  if (problem) {
    answer.searchParams.set('error', problem.error)
    answer.searchParams.set('error_description', problem.description)
  } else {
    answer.searchParams.set('code', approve(domain, app, redirect_uri, params))
  }
  return answer.href
}

function approve(domain: Domain, app: OAuthApp, redirect_uri: string, params: Params): string {
  const user_id = params.get('user_id')
  if (user_id === undefined) throw missing('user_id (of the emulator: the user who signs in)')
  const user = domain.users.get(user_id)
  if (!user) throw new ServiceError(404, 'NotFound.User', 'The user does not exist.')
  const code_challenge = params.get('code_challenge')
  // The vendor does not name the scopes; all of them are meant where none is asked for.
  const scope = params.get('scope')?.split(/[ ,]+/).filter(Boolean) ?? ['ALL']
  return domain.createCode(app, {
    user,
    redirect_uri,
    scope,
    ...(code_challenge !== undefined && { code_challenge }),
  })
}

function findProblem(params: Params): { error: string; description: string } | undefined {
  if (params.get('response_type') !== 'code') {
    return {
      error: 'unsupported_response_type',
      description: 'response_type must be code',
    }
  }
  if (!loginTypes.includes(params.get('login_type') ?? '')) {
    return {
      error: 'invalid_request',
      description: `login_type must be one of ${loginTypes.join(', ')}`,
    }
  }
  const challenge = params.get('code_challenge')
  const method = params.get('code_challenge_method')
  // RFC 7636 section 4.4.1, with S256 as the only method (RFC 9700 section 2.1.1). The vendor does not say.
  if (challenge === undefined ? method !== undefined : method !== 'S256') {
    return {
      error: 'invalid_request',
      description: 'code_challenge needs code_challenge_method S256',
    }
  }
  if (challenge !== undefined && !/^[\w-]{43}$/.test(challenge)) {
    return {
      error: 'invalid_request',
      description: 'code_challenge must be a SHA-256 digest in base64url',
    }
  }
  return undefined
}
