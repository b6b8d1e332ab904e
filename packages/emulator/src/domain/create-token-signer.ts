import { SignJWT } from 'jose'
import type { SignAccessToken } from './token-registry.ts'
import { randomToken } from './webcrypto.ts'

/**
 * Returns the function that signs the access tokens of a domain.
 *
 * The claims have the documented shape. `customJson` also has a random id: RS256 is deterministic, so two tokens
 * signed in the same second would otherwise be equal.
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
