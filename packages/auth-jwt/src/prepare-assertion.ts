import type { PDSTransport } from '@pds/core'
import { readParams } from '@pds/core/internal'
import type { IGetServiceJwtTokenReq, IGetUserJwtTokenReq } from '@pds/types'
import { createSigner } from './create-signer.ts'

/** A checked request for an assertion. */
export interface PreparedAssertion {
  client_id: string
  /** Signs an assertion, with a `jti` and times of its own at each call. */
  sign(): Promise<string>
}

// The vendor's SDK opens the window to both sides, because the clocks of clients are wrong. In seconds.
const validBefore = 300
const validAfter = 300

/**
 * Checks the parameters of an assertion (RFC 7523 section 3) and gives what signs it.
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
