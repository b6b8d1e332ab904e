import type { ITokenInfo } from '@pds/types'
import { isRegisteredRedirectUri, type OAuthApp } from '../domain/apps.ts'
import type { AuthorizationCode, Domain } from '../domain/domain.ts'
import { expired, missing, notMatch, notValid } from '../domain/service-error.ts'
import { base64url, sha256, timingSafeEqual } from '../domain/webcrypto.ts'
import type { RequestTrace } from '../log/request-log.ts'
import { acceptDeviation } from './accept-deviation.ts'
import { type Params, required } from './params.ts'

/** Handles `POST /v2/oauth/token` with the grant type `authorization_code`, or `code` as the vendor's SDK sends it. */
export async function grantByCode(domain: Domain, params: Params, trace: RequestTrace): Promise<ITokenInfo> {
  const app = await authenticateClient(domain, params, trace)
  const redirect_uri = required(params, 'redirect_uri')
  const verifier = params.get('code_verifier')
  const challenge = verifier === undefined ? undefined : base64url(await sha256(verifier))
  // There is no await from here until the code is spent, so two requests cannot both exchange it.
  const code = domain.codes.get(required(params, 'code'))
  if (!code || code.client_id !== app.client_id) throw notValid('code', 'the code is unknown')
  trace.user = code.user
  if (code.grant) {
    // A second use may mean theft, so the tokens of the first exchange are revoked (RFC 6749 section 4.1.2).
    domain.revokeGrant(code.grant, trace)
    throw notValid('code', 'the code was used before')
  }
  if (code.expiresAt <= domain.clock.now()) throw expired('code', 'codes are valid for 10 minutes')
  if (code.redirect_uri !== redirect_uri) {
    throw notMatch('redirect_uri', 'it differs from the redirect_uri of the authorization request')
  }
  checkCodeChallenge(code, challenge)
  const { user, scope } = code
  const grant = domain.createGrant({ client_id: app.client_id, user, scope })
  code.grant = grant
  return domain.signIn(grant, trace)
}

/** Handles `POST /v2/oauth/token` with the grant type `refresh_token`. */
export async function refreshOAuthGrant(
  domain: Domain,
  params: Params,
  trace: RequestTrace,
): Promise<ITokenInfo> {
  const app = await authenticateClient(domain, params, trace)
  const redirect_uri = params.get('redirect_uri')
  const refresh_token = required(params, 'refresh_token')
  if (redirect_uri === undefined) {
    const deviation = 'redirect_uri is missing, which the page of the vendor requires for a refresh'
    acceptDeviation(domain, trace, deviation, missing('redirect_uri'))
  } else if (!isRegisteredRedirectUri(app, redirect_uri)) {
    throw notMatch('redirect_uri', 'the application did not register this redirect_uri')
  }
  return domain.refresh(refresh_token, app.client_id, trace)
}

/**
 * Handles `POST /v2/oauth/revoke`, a path that only the emulator has (RFC 7009): revokes the tokens of the sign-in that
 * an access token or refresh token belongs to. An invalid token is not an error.
 */
export async function revokeOAuthToken(domain: Domain, params: Params, trace: RequestTrace): Promise<void> {
  const app = await authenticateClient(domain, params, trace)
  domain.revokeToken(required(params, 'token'), app.client_id, trace)
}

/** Returns the OAuth application of a request. Checks its client secret, if it has one (RFC 6749 section 2.3.1). */
async function authenticateClient(domain: Domain, params: Params, trace: RequestTrace): Promise<OAuthApp> {
  const { app } = domain.findApp(required(params, 'client_id'))
  if (app.type === 'jwt') throw notMatch('client_id', 'it belongs to a JWT application')
  const secret = params.get('client_secret')
  if (app.client_secret === undefined) {
    if (secret !== undefined) {
      const error = notMatch('client_secret', 'the application has no client_secret')
      acceptDeviation(domain, trace, 'a public application sent a client_secret', error)
    }
    return app
  }
  if (!(await timingSafeEqual(required(params, 'client_secret'), app.client_secret))) {
    throw notMatch('client_secret', "it is not the application's client_secret")
  }
  return app
}

/** Checks the code verifier (RFC 7636 section 4.6). Rejects a verifier without a challenge (RFC 9700 section 2.1.1). */
function checkCodeChallenge(code: AuthorizationCode, challenge: string | undefined): void {
  if (challenge === code.code_challenge) return
  if (challenge === undefined) throw missing('code_verifier')
  throw notMatch(
    'code_verifier',
    code.code_challenge === undefined
      ? 'the authorization request had no code_challenge'
      : 'its SHA-256 digest is not the code_challenge',
  )
}
