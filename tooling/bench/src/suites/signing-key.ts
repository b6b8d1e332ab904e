import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'

/** The key of a JWT application, as a user has it. */
export const private_key_pem: string = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

export const privateKey: KeyObject = createPrivateKey(private_key_pem)

/** The application and its user. */
export const application = { domain_id: 'bj1', client_id: 'app-1', private_key_pem }
export const user_id = 'user-1'

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
