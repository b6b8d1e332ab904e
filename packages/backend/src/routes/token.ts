import type { ITokenInfo } from '@pds/types'
import { findSession } from '../find-session.ts'
import { RequestProblem } from '../problem.ts'
import { isServiceToken } from '../protection/is-service-token.ts'
import { readJson } from '../read-json.ts'
import type { RouteContext } from './route.ts'

/** Never the refresh token, nor a field that a later version of the service adds. */
const fields = [
  'access_token',
  'token_type',
  'expires_in',
  'expire_time',
  'user_id',
  'user_name',
  'nick_name',
  'avatar',
  'default_drive_id',
  'role',
  'status',
  'domain_id',
  'subdomain_id',
] as const satisfies readonly (keyof ITokenInfo)[]

/** Gives a page the access token of its user. If the page reports the token as rejected, it is renewed. */
export async function giveToken(context: RouteContext): Promise<Response> {
  const { request, settings } = context
  const { rejected } = await readJson(request)
  if (rejected !== undefined && rejected !== null && typeof rejected !== 'string') {
    throw new RequestProblem(400, 'InvalidParameter')
  }
  const found = await findSession(context)
  if (!found) throw new RequestProblem(401, 'LoginRequired')
  const { key, session } = found
  const current = await session.getToken()
  const isRejected = current.access_token === rejected
  const token = isRejected ? await settings.renewals.renew(key, session, rejected) : current
  if (isServiceToken(token)) throw new RequestProblem(403, 'ServiceToken')
  return Response.json(Object.fromEntries(fields.map((name) => [name, token[name]])))
}
