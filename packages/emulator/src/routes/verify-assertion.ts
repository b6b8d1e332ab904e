import { errors, type JWTPayload, jwtVerify } from 'jose'
import type { JwtApp } from '../domain/apps.ts'
import type { Domain } from '../domain/domain.ts'
import {
  expired,
  notMatch,
  notSupported,
  notValid,
  outOfRange,
  type ServiceError,
  wrongFormat,
} from '../domain/service-error.ts'

/** The claims of a verified assertion. */
export interface VerifiedAssertion {
  sub: string
  sub_type: 'user' | 'service'
  auto_create: boolean
}

/** Verifies the assertion of a JWT application (RFC 7523 section 3, and the vendor's guide for its claims). */
export async function verifyAssertion(
  domain: Domain,
  app: JwtApp,
  publicKey: CryptoKey,
  assertion: string,
): Promise<VerifiedAssertion> {
  const claims = await verifySignatureAndTimes(domain, app, publicKey, assertion)
  const { sub = '', sub_type, auto_create = false, jti } = claims
  if (sub_type !== 'user' && sub_type !== 'service') {
    throw notSupported('assertion', 'sub_type must be user or service')
  }
  if (sub_type === 'service' && sub !== domain.id) {
    throw notMatch('assertion', `sub must be the domain id ${domain.id} for a service token`)
  }
  if (typeof auto_create !== 'boolean') throw wrongFormat('assertion', 'auto_create must be a boolean')
  useJti(domain, app, jti)
  return { sub, sub_type, auto_create }
}

async function verifySignatureAndTimes(
  domain: Domain,
  app: JwtApp,
  publicKey: CryptoKey,
  assertion: string,
): Promise<JWTPayload> {
  const now = domain.clock.now()
  try {
    const { payload } = await jwtVerify(assertion, publicKey, {
      algorithms: ['RS256'],
      typ: 'JWT',
      issuer: app.client_id,
      audience: domain.id,
      currentDate: new Date(now),
      requiredClaims: ['sub', 'exp', 'jti'],
    })
    // jose accepts an iat in the future. The vendor does not document it, and a correct clock never produces one.
    if (payload.iat !== undefined && payload.iat > now / 1000) {
      throw notValid('assertion', 'iat is in the future')
    }
    return payload
  } catch (error) {
    throw explain(error)
  }
}

function explain(error: unknown): unknown {
  if (error instanceof errors.JOSEAlgNotAllowed) return notSupported('assertion', 'alg must be RS256')
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return notValid('assertion', "its signature does not verify with the application's public key")
  }
  if (error instanceof errors.JWTExpired) return expired('assertion', 'exp has passed')
  if (error instanceof errors.JWTClaimValidationFailed) return explainClaim(error)
  if (error instanceof errors.JOSEError) return wrongFormat('assertion', 'it is not a signed JWT')
  return error
}

function explainClaim({ claim, reason }: errors.JWTClaimValidationFailed): ServiceError {
  if (reason === 'missing') return notValid('assertion', `${claim} is missing`)
  if (reason === 'invalid') return wrongFormat('assertion', `${claim} must be a number of seconds`)
  const expected: Record<string, string> = {
    iss: 'iss must be the client_id',
    aud: 'aud must be the domain id',
    typ: 'typ must be JWT',
  }
  return notMatch('assertion', expected[claim] ?? `${claim} is wrong`)
}

function useJti(domain: Domain, app: JwtApp, jti: string | undefined): void {
  if (typeof jti !== 'string' || jti.length < 16 || jti.length > 128) {
    throw outOfRange('assertion', 'jti must have 16 to 128 characters')
  }
  const id = JSON.stringify([app.client_id, jti])
  if (domain.usedAssertions.has(id)) throw notValid('assertion', 'its jti was used before')
  domain.usedAssertions.add(id)
}
