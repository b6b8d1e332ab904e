import type { Domain } from '../domain/domain.ts'
import type { RequestTrace } from '../log/request-trace.ts'
import { type Params, required } from './params.ts'

/**
 * `POST /v2/account/revoke`: signs out, for applications of each type.
 *
 * The vendor does not say more of it than its parameters. So the access token dies with the refresh token (RFC 7009
 * section 2.1), and a token that is unknown, dead or another application's is no error (section 2.2). The call has no
 * parameter for a secret.
 */
export function revokeToken(domain: Domain, params: Params, trace: RequestTrace): void {
  const { app } = domain.findApp(required(params, 'app_id'))
  domain.revoke(required(params, 'refresh_token'), app.client_id, trace)
}
