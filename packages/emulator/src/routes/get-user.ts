import type { Domain } from '../domain/domain.ts'
import { invalidAccessToken, ServiceError } from '../domain/service-error.ts'
import type { User } from '../domain/user.ts'
import type { RequestTrace } from '../log/request-log.ts'
import type { Params } from './params.ts'

/**
 * Handles `POST /v2/user/get`: returns the user of the access token. Administrators can get other users by `user_id`.
 *
 * The vendor's page about this call is not among our sources. The fields are the user fields of a token response.
 */
export function getUser(
  domain: Domain,
  authorization: string | undefined,
  params: Params,
  trace: RequestTrace,
): object {
  const self = findBearer(domain, authorization, trace)
  const { user_id, user_name, nick_name, role, default_drive_id } = findUser(
    domain,
    self,
    params.get('user_id'),
  )
  return {
    domain_id: domain.id,
    user_id,
    user_name,
    nick_name,
    avatar: '',
    role,
    status: 'enabled',
    default_drive_id,
  }
}

/** Returns the user of the access token of a request. Throws the service's error for a missing or invalid token. */
export function findBearer(domain: Domain, authorization: string | undefined, trace: RequestTrace): User {
  const [, access_token] = /^Bearer ([\w.-]+)$/i.exec(authorization ?? '') ?? []
  if (access_token === undefined) throw invalidAccessToken()
  return domain.findAccessToken(access_token, trace).user
}

function findUser(domain: Domain, self: User, user_id: string | undefined): User {
  if (user_id === undefined || user_id === self.user_id) return self
  if (self.role === 'user')
    throw new ServiceError(403, 'Forbidden', 'Only an administrator can read other users.')
  const user = domain.users.get(user_id)
  if (!user) throw new ServiceError(404, 'NotFound.User', 'The user does not exist.')
  return user
}
