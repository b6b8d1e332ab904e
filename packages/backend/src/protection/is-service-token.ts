import type { ITokenInfo } from '@pds/types'
import { decodeJwt } from 'jose'

// The vendor documents this role for the response of the service token.
const serviceRole = 'superadmin'

/**
 * Checks whether a token has the rights of the service: it can do everything in the domain, so no page gets it. Looks at the
 * response and into the access token, which the vendor documents as a JWT with the role in `customJson`.
 */
export function isServiceToken({ role, access_token }: ITokenInfo): boolean {
  return role === serviceRole || roleOf(access_token) === serviceRole
}

function roleOf(access_token: string): unknown {
  try {
    const { customJson } = decodeJwt(access_token)
    return JSON.parse(String(customJson)).role
  } catch {
    // Other servers have other tokens.
    return undefined
  }
}
