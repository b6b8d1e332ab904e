/*
 * The code that all scripts of this folder share, so that only their packages differ. With an endpoint, a script gets a
 * token from it. Without, it only imports its packages.
 */

/** The endpoint of the server, or undefined. */
export const [, , endpoint] = process.argv

const private_key_pem = process.env.PRIVATE_KEY
/** The application and its user. */
export const application = { domain_id: 'bj1', client_id: 'app-1', private_key_pem }
export const user_id = 'user-1'
export const redirect_uri = 'https://app.example/callback'
export const refresh_token = 'r'.repeat(32)

/** The grant type of an assertion. */
export const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** Returns the claims of an assertion (RFC 7523 section 3) as in the vendor's guide. */
export function claims() {
  const now = Math.floor(Date.now() / 1000)
  return {
    iss: application.client_id,
    sub: user_id,
    sub_type: 'user',
    aud: application.domain_id,
    jti: crypto.randomUUID(),
    exp: now + 300,
    iat: now - 300,
    auto_create: false,
  }
}

/** Throws if this is not the token of the server. */
export function expectToken(access_token) {
  if (access_token !== 'a'.repeat(512)) throw new Error('the access token is not the token of the server')
}
