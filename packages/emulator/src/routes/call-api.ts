import type { Context } from 'hono'
import type { Domain } from '../domain/domain.ts'
import type { ApiCall, ApiHandler } from '../domain/options.ts'
import { invalidAccessToken, ServiceError } from '../domain/service-error.ts'
import type { RequestContext } from '../faults/fault-middleware.ts'
import type { RequestTrace } from '../log/request-log.ts'
import { findBearer } from './get-user.ts'
import { parseJsonObject } from './params.ts'

/**
 * Handles a call to a path of the option `api`: checks its tokens, calls the handler and sends what it returns.
 *
 * The vendor's SDK sends an access token together with a share token. Each token that is sent must be valid.
 */
export async function callApi(
  domain: Domain,
  handler: ApiHandler,
  context: Context<{ Bindings: RequestContext }>,
): Promise<Response> {
  const { req, env } = context
  const tokens = checkTokens(domain, req.header('authorization'), req.header('x-share-token'), env.trace)
  const text = await req.text()
  const body = text === '' ? {} : parseJsonObject(req.header('content-type'), text)
  const result = await runHandler(handler, { ...tokens, body, request: req.raw }, req.path)
  if (result instanceof Response) return result
  return result === undefined ? context.body(null, 204) : context.json(result as object)
}

function checkTokens(
  domain: Domain,
  authorization: string | undefined,
  share_token: string | undefined,
  trace: RequestTrace,
): Pick<ApiCall, 'user' | 'share_id'> {
  if (authorization === undefined && share_token === undefined) throw invalidAccessToken()
  const tokens: Pick<ApiCall, 'user' | 'share_id'> = {}
  if (authorization !== undefined) {
    const { user_id, user_name, nick_name, role, default_drive_id } = findBearer(domain, authorization, trace)
    tokens.user = { user_id, user_name, nick_name, role, default_drive_id }
  }
  if (share_token !== undefined)
    tokens.share_id = domain.shareLinks.findToken(share_token, domain.clock.now())
  return tokens
}

async function runHandler(handler: ApiHandler, call: ApiCall, path: string): Promise<unknown> {
  try {
    return await handler(call)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new ServiceError(500, 'InternalError', `The handler of ${path} in the option api failed: ${why}`)
  }
}
