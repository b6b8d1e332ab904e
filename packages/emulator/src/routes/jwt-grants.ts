import type { ITokenInfo } from '@pds/types'
import type { JwtApp } from '../domain/apps.ts'
import type { Domain } from '../domain/domain.ts'
import { notMatch, notSupported, ServiceError } from '../domain/service-error.ts'
import type { User } from '../domain/user.ts'
import type { RequestTrace } from '../log/request-log.ts'
import { acceptDeviation } from './accept-deviation.ts'
import { type Params, required } from './params.ts'
import { type VerifiedAssertion, verifyAssertion } from './verify-assertion.ts'

/** Handles `POST /v2/oauth/token` with the grant type `urn:ietf:params:oauth:grant-type:jwt-bearer`. */
export async function grantByAssertion(
  domain: Domain,
  params: Params,
  trace: RequestTrace,
): Promise<ITokenInfo> {
  const { app, publicKey } = findJwtApp(domain, required(params, 'client_id'))
  const assertion = await verifyAssertion(domain, app, publicKey, required(params, 'assertion'), trace)
  const subdomain_id = params.get('subdomain_id')
  const subdomain = subdomain_id !== undefined && { subdomain_id }
  const user = findUser(domain, assertion)
  const grant = domain.createGrant({ client_id: app.client_id, user, scope: ['ALL'], ...subdomain })
  return domain.signIn(grant, trace)
}

/**
 * Handles `POST /v2/account/token`, the refresh of a JWT application. Clients of the service also send the ids of OAuth
 * applications.
 */
export async function refreshAccountToken(
  domain: Domain,
  params: Params,
  trace: RequestTrace,
): Promise<ITokenInfo> {
  const { app } = domain.findApp(required(params, 'app_id'))
  const refresh_token = required(params, 'refresh_token')
  if (required(params, 'grant_type') !== 'refresh_token') {
    throw notSupported('grant_type', 'it must be refresh_token')
  }
  if (app.type !== 'jwt') {
    const error = notMatch('app_id', 'it does not belong to a JWT application')
    acceptDeviation(domain, trace, 'an OAuth application is documented to refresh at /v2/oauth/token', error)
  }
  return domain.refresh(refresh_token, app.client_id, trace)
}

function findJwtApp(domain: Domain, client_id: string): { app: JwtApp; publicKey: CryptoKey } {
  const registered = domain.findApp(client_id)
  if (!('publicKey' in registered)) throw notMatch('client_id', 'it does not belong to a JWT application')
  return registered
}

function findUser(domain: Domain, { sub, sub_type, auto_create }: VerifiedAssertion): User {
  if (sub_type === 'service') return domain.serviceUser
  const user = domain.users.get(sub)
  if (user) return user
  if (auto_create) return domain.createUser({ user_id: sub })
  throw new ServiceError(404, 'NotFound.User', 'The user does not exist, and auto_create is not set.')
}
