/* What may be shown of requests and answers by name. What is on none of these lists is masked, with its name. */

/** Parameters that hold no secret. */
export const publicParams: ReadonlySet<string> = new Set([
  'app_id',
  'auto_create',
  'client_id',
  'code_challenge',
  'code_challenge_method',
  'decision',
  'domain_id',
  'error',
  'error_description',
  'grant_type',
  'hide_consent',
  'login_type',
  'prompt',
  'redirect_uri',
  'response_type',
  'scope',
  'subdomain_id',
  'token_type_hint',
  'user_id',
])

/** What the header and the claims of an assertion hold, which is no secret without the signature. */
export const publicClaims: ReadonlySet<string> = new Set([
  'alg',
  'aud',
  'auto_create',
  'exp',
  'iat',
  'iss',
  'jti',
  'kid',
  'nbf',
  'sub',
  'sub_type',
  'typ',
])

/** Fields of a token, a user and an error that hold no secret. */
export const publicResponseFields: ReadonlySet<string> = new Set([
  'avatar',
  'code',
  'Code',
  'default_drive_id',
  'domain_id',
  'expire_time',
  'expires_in',
  'is_first_login',
  'message',
  'Message',
  'nick_name',
  'requestId',
  'RequestId',
  'role',
  'status',
  'subdomain_id',
  'token_type',
  'user_id',
  'user_name',
])

/** Names of secrets, which are shown: their values are not. */
export const secretNames: ReadonlySet<string> = new Set([
  'access_token',
  'assertion',
  'client_secret',
  'code',
  'code_challenge',
  'code_verifier',
  'csrf_token',
  'id_token',
  'nonce',
  'password',
  'refresh_token',
  'state',
  'token',
])

/** Whether a message may name a parameter: any other name may be a secret that was sent by mistake. */
export function isKnownParam(name: string): boolean {
  return publicParams.has(name) || secretNames.has(name)
}
