import type { Domain } from '../domain/domain.ts'
import { ServiceError } from '../domain/service-error.ts'
import type { RequestTrace } from '../log/request-log.ts'
import { approve, readAuthorizationRequest, redirectUrl } from './authorization-request.ts'
import type { Params } from './params.ts'

/**
 * Handles `GET /v2/oauth/authorize` with `user_id`, a parameter that only the emulator has. Approves at once for that
 * user and returns the redirect URL.
 *
 * Throws the service's error for an unknown application, redirect URI or user.
 */
export function authorize(domain: Domain, params: Params, trace: RequestTrace = {}): string {
  const request = readAuthorizationRequest(domain, params, trace)
  if (request.problem) return redirectUrl(request, request.problem)
  const user = domain.users.get(params.get('user_id') ?? '')
  if (!user) throw new ServiceError(404, 'NotFound.User', 'The user does not exist.')
  trace.user = user
  return approve(domain, request, user)
}
