import type { PDSError } from '@pds/core'

// What a service says of a refresh token that it does not take: the code that users of this one have seen, those that
// can mean nothing else in answer to a refresh, and that of RFC 6749 section 5.2. The vendor does not list them. All
// others, such as those of an application that is set up wrongly, leave the session as it is.
const refusals: readonly string[] = [
  'InvalidParameter.RefreshToken',
  'InvalidParameterExpired',
  'TokenExpired',
  'invalid_grant',
  // Of a grant of one's own that knows.
  'LoginRequired',
]

/** Whether an error says that the refresh token is not good any more. */
export function isRefused({ code, outcome }: PDSError): boolean {
  return outcome === 'answered' && refusals.includes(code)
}
