/* The names that the log may show. Fields with any other name are redacted, including the name. */

/** Parameters without secrets. */
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
  'expire_sec',
  'grant_type',
  'hide_consent',
  'login_type',
  'prompt',
  'redirect_uri',
  'response_type',
  'scope',
  'share_id',
  'subdomain_id',
  'token_type_hint',
  'user_id',
])

/** Header parameters and claims of an assertion. They are not secret without the signature. */
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

/** Fields of a token response, a user and an error that are not secret. */
export const publicResponseFields: ReadonlySet<string> = new Set([
  'authorization_endpoint',
  'avatar',
  'code',
  'Code',
  'default_drive_id',
  'domain_id',
  'expire_time',
  'expires_in',
  'is_first_login',
  'issuer',
  'message',
  'Message',
  'nick_name',
  'requestId',
  'RequestId',
  'revocation_endpoint',
  'role',
  'status',
  'subdomain_id',
  'token_endpoint',
  'token_type',
  'user_id',
  'user_name',
])

/** Names of secrets. The log shows these names, but not their values. */
export const secretNames: ReadonlySet<string> = new Set([
  'access_token',
  'addition_data',
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
  'share_pwd',
  'share_token',
  'state',
  'token',
])

/** Checks whether a message may name a parameter. Any other name may be a secret that was sent by mistake. */
export function isKnownParam(name: string): boolean {
  return publicParams.has(name) || secretNames.has(name)
}
