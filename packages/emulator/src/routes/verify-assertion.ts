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
import type { RequestTrace } from '../log/request-log.ts'
import { acceptDeviation } from './accept-deviation.ts'

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
  trace: RequestTrace,
): Promise<VerifiedAssertion> {
  const { payload: claims, typ } = await verifySignatureAndTimes(domain, app, publicKey, assertion)
  checkType(domain, typ, trace)
  const { sub = '', sub_type, auto_create = false, jti } = claims
  if (sub_type !== 'user' && sub_type !== 'service') {
    throw notSupported('assertion', 'sub_type must be user or service')
  }
  if (sub_type === 'service' && sub !== domain.id) {
    throw notMatch('assertion', `sub must be the domain id ${domain.id} for a service token`)
  }
  if (typeof auto_create !== 'boolean') throw wrongFormat('assertion', 'auto_create must be a boolean')
  useJti(domain, app, jti, trace)
  return { sub, sub_type, auto_create }
}

async function verifySignatureAndTimes(
  domain: Domain,
  app: JwtApp,
  publicKey: CryptoKey,
  assertion: string,
): Promise<{ payload: JWTPayload; typ: string | undefined }> {
  const now = domain.clock.now()
  try {
    const { payload, protectedHeader } = await jwtVerify(assertion, publicKey, {
      algorithms: ['RS256'],
      issuer: app.client_id,
      audience: domain.id,
      currentDate: new Date(now),
      requiredClaims: ['sub', 'exp', 'jti'],
    })
    // jose accepts an iat in the future. The vendor does not document it, and a correct clock never produces one.
    if (payload.iat !== undefined && payload.iat > now / 1000) {
      throw notValid('assertion', 'iat is in the future')
    }
    return { payload, typ: protectedHeader.typ }
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
  }
  return notMatch('assertion', expected[claim] ?? `${claim} is wrong`)
}

/** Checks the header parameter `typ`. It is optional, and its case is ignored (RFC 7519 section 5.1). */
function checkType(domain: Domain, typ: string | undefined, trace: RequestTrace): void {
  const error = notMatch('assertion', 'typ must be JWT')
  if (typ === undefined) acceptDeviation(domain, trace, 'the header of the assertion has no typ', error)
  else if (!/^(application\/)?jwt$/i.test(typ)) throw error
}

function useJti(domain: Domain, app: JwtApp, jti: string | undefined, trace: RequestTrace): void {
  const error = outOfRange('assertion', 'jti must have 16 to 128 characters')
  if (typeof jti !== 'string' || jti === '' || jti.length > 128) throw error
  if (jti.length < 16) {
    const deviation = `the jti of the assertion is shorter than documented: ${jti.length} characters, not 16 to 128`
    acceptDeviation(domain, trace, deviation, error)
  }
  const id = JSON.stringify([app.client_id, jti])
  if (domain.usedAssertions.has(id)) throw notValid('assertion', 'its jti was used before')
  domain.usedAssertions.add(id)
}
