import { SignJWT } from 'jose'
import type { SignAccessToken } from './token-registry.ts'
import { randomToken } from './webcrypto.ts'

/**
 * Makes the function that signs the access tokens of a domain.
 *
 * They have the documented shape, with an id in customJson: RS256 is deterministic, and two tokens of one second
 * would be the same one without it.
 */
export function createTokenSigner(domainId: string, key: CryptoKey): SignAccessToken {
  return ({ client_id, user, scope }, issuedAt, expiresAt) => {
    const customJson = JSON.stringify({
      clientId: client_id,
      domainId,
      scope,
      role: user.role,
      tokenId: randomToken(),
    })
    return new SignJWT({
      userId: user.user_id,
      customJson,
      exp: Math.floor(expiresAt / 1000),
      iat: Math.floor(issuedAt / 1000),
    })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
      .sign(key)
  }
}
