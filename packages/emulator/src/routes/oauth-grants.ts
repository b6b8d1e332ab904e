import type { ITokenInfo } from '@pds/types'
import { isRegisteredRedirectUri, type OAuthApp } from '../domain/apps.ts'
import type { AuthorizationCode, Domain } from '../domain/domain.ts'
import { expired, missing, notMatch, notValid } from '../domain/service-error.ts'
import { base64url, sha256, timingSafeEqual } from '../domain/webcrypto.ts'
import type { RequestTrace } from '../log/request-log.ts'
import { type Params, required } from './params.ts'

/** `POST /v2/oauth/token` with the grant type `authorization_code`, or `code` as the vendor's SDK sends it. */
export async function grantByCode(domain: Domain, params: Params, trace: RequestTrace): Promise<ITokenInfo> {
  const app = await authenticateClient(domain, params)
  const redirect_uri = required(params, 'redirect_uri')
  const verifier = params.get('code_verifier')
  const challenge = verifier === undefined ? undefined : base64url(await sha256(verifier))
  // From here to the taking of the code nothing is awaited: two requests cannot both have it.
  const code = domain.codes.get(required(params, 'code'))
  if (!code || code.client_id !== app.client_id) throw notValid('code', 'it is unknown')
  trace.user = code.user
  if (code.grant) {
    // Used twice, it may have been stolen: what it was exchanged for dies too (RFC 6749 section 4.1.2).
    domain.revokeGrant(code.grant, trace)
    throw notValid('code', 'it was used before')
  }
  if (code.expiresAt <= domain.clock.now()) throw expired('code', 'it is valid for 10 minutes')
  if (code.redirect_uri !== redirect_uri) {
    throw notMatch('redirect_uri', 'the authorization request named another one')
  }
  checkCodeChallenge(code, challenge)
  const { user, scope } = code
  code.grant = { client_id: app.client_id, user, scope }
  return domain.signIn(code.grant, trace)
}

/** `POST /v2/oauth/token` with the grant type `refresh_token`. */
export async function refreshOAuthGrant(
  domain: Domain,
  params: Params,
  trace: RequestTrace,
): Promise<ITokenInfo> {
  const app = await authenticateClient(domain, params)
  const redirect_uri = required(params, 'redirect_uri')
  const refresh_token = required(params, 'refresh_token')
  if (!isRegisteredRedirectUri(app, redirect_uri)) {
    throw notMatch('redirect_uri', 'the application did not register it')
  }
  return domain.refresh(refresh_token, app.client_id, trace)
}

/** The OAuth application of a request, with its secret where it has one (RFC 6749 section 2.3.1). */
async function authenticateClient(domain: Domain, params: Params): Promise<OAuthApp> {
  const { app } = domain.findApp(required(params, 'client_id'))
  if (app.type === 'jwt') throw notMatch('client_id', 'it is a JWT application')
  const given = params.get('client_secret')
  if (app.client_secret === undefined) {
    if (given !== undefined) throw notMatch('client_secret', 'the application has none')
    return app
  }
  if (!(await timingSafeEqual(required(params, 'client_secret'), app.client_secret))) {
    throw notMatch('client_secret', "it is not the application's")
  }
  return app
}

/** RFC 7636 section 4.6, and RFC 9700 section 2.1.1 for a verifier without a challenge. */
function checkCodeChallenge(code: AuthorizationCode, challenge: string | undefined): void {
  if (challenge === code.code_challenge) return
  if (challenge === undefined) throw missing('code_verifier')
  throw notMatch(
    'code_verifier',
    code.code_challenge === undefined
      ? 'the authorization request had no code_challenge'
      : 'it does not belong to the code_challenge',
  )
}
