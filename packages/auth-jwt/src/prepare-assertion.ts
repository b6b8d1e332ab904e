import type { PDSTransport } from '@pds/core'
import {
  anyOption,
  booleanOption,
  checkTransport,
  type OptionValidator,
  readParams,
  requiredText,
  textOption,
} from '@pds/core/internal'
import type { IGetServiceJwtTokenReq, IGetUserJwtTokenReq } from '@pds/types'
import { createSigner } from './create-signer.ts'

/** The checked parameters of an assertion. */
export interface PreparedAssertion {
  client_id: string
  domain_id: string
  subdomain_id: string | undefined
  /** The user id, or the domain id for the service account. */
  subject: string
  /** Signs an assertion, with a new `jti` and new times at each call. */
  sign(): Promise<string>
}

// A key and its passphrase may have line breaks and whitespace at their ends.
const pem: OptionValidator<string> = {
  wants: 'a non-empty string',
  accepts: (value) => typeof value === 'string' && value !== '',
  received: () => undefined,
  otherName: 'private_Key_pem',
}
const passphrase: OptionValidator<string> = {
  wants: 'a string',
  accepts: (value) => typeof value === 'string',
  received: () => undefined,
}
const serviceParams = {
  domain_id: requiredText,
  client_id: requiredText,
  subdomain_id: textOption,
  private_key_pem: pem,
  passphrase,
  // `createSigner` checks these two.
  private_key: anyOption,
  signer: anyOption,
}
const userParams = { ...serviceParams, user_id: requiredText, auto_create: booleanOption }

// In seconds. The vendor's SDK uses the same window in both directions, because the clocks of clients are wrong.
const validBefore = 300
const validAfter = 300

/**
 * Checks the parameters of an assertion (RFC 7523 section 3) and returns a function that signs it.
 *
 * Throws a `PDSError` `InvalidParameter` that names the method and the field. `more` are the parameters of the method
 * that are not of the assertion.
 */
export function prepareAssertion(
  transport: PDSTransport,
  method: string,
  sub_type: 'user' | 'service',
  params: IGetUserJwtTokenReq | IGetServiceJwtTokenReq,
  more: Readonly<Record<string, OptionValidator>> = {},
): PreparedAssertion {
  checkTransport(method, transport)
  const user = sub_type === 'user' ? readParams(method, params, { ...more, ...userParams }) : undefined
  const checked = user ?? readParams(method, params, { ...more, ...serviceParams })
  const { client_id, domain_id, subdomain_id } = checked
  const subject = user?.user_id ?? domain_id
  const userClaims = user && { auto_create: user.auto_create ?? false }
  const signJwt = createSigner(transport, method, checked)

  return {
    client_id,
    domain_id,
    subdomain_id,
    subject,
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
