/*
 * What each script of this folder begins with and ends with, so that nothing but its packages makes the difference. With
 * an address it gets a token there; without, it imports what that takes.
 */

/** The address of the server, or none. */
export const [, , endpoint] = process.argv

const private_key_pem = process.env.PRIVATE_KEY
/** The application and its user. */
export const application = { domain_id: 'bj1', client_id: 'app-1', private_key_pem }
export const user_id = 'user-1'
export const redirect_uri = 'https://app.example/callback'
export const refresh_token = 'r'.repeat(32)

/** Of an assertion. */
export const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** The claims of an assertion (RFC 7523 section 3) as the vendor's guide has them. */
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

/** Lets the process fail where that is not the token that the server gives. */
export function expectToken(access_token) {
  if (access_token !== 'a'.repeat(512)) throw new Error('there is no token')
}
