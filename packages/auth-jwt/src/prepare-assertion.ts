import type { PDSTransport } from '@pds/core'
import { readParams } from '@pds/core/internal'
import type { IGetServiceJwtTokenReq, IGetUserJwtTokenReq } from '@pds/types'
import { createSigner } from './create-signer.ts'

/** The checked parameters of an assertion. */
export interface PreparedAssertion {
  client_id: string
  /** Signs an assertion, with a new `jti` and new times at each call. */
  sign(): Promise<string>
}

// In seconds. The vendor's SDK uses the same window in both directions, because the clocks of clients are wrong.
const validBefore = 300
const validAfter = 300

/**
 * Checks the parameters of an assertion (RFC 7523 section 3) and returns a function that signs it.
 *
 * Throws a `PDSError` `InvalidParameter` that names the method and the field.
 */
export function prepareAssertion(
  transport: PDSTransport,
  method: string,
  sub_type: 'user' | 'service',
  params: IGetUserJwtTokenReq | IGetServiceJwtTokenReq,
): PreparedAssertion {
  const read = readParams(method, params)
  const client_id = read.string('client_id')
  const domain_id = read.string('domain_id')
  const isUser = sub_type === 'user'
  const subject = isUser ? read.string('user_id') : domain_id
  const userClaims = isUser ? { auto_create: read.boolean('auto_create', false) } : {}
  const signJwt = createSigner(transport, method, params)

  return {
    client_id,
    sign() {
      const now = Math.floor(transport.now() / 1000)
      return signJwt({
        iss: client_id,
        sub: subject,
        sub_type,
        aud: domain_id,
        jti: crypto.randomUUID(),
        exp: now + validAfter,
        iat: now - validBefore,
        ...userClaims,
      })
    },
  }
}
