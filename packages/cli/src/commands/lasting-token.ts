import { isPDSError } from '@pds/core/internal'
import type { Session } from '@pds/session'
import type { ITokenInfo } from '@pds/types'

// In seconds. A session renews such a token in the background, and the renewal invalidates it.
const minLifetime = 600

/**
 * Returns a token that is valid for 10 minutes or more, or for half of the lifetime of short-lived tokens. Otherwise the
 * token that a command has just received could already be invalid. If no new token can be obtained, returns the old one,
 * unless a request may have invalidated it.
 */
export async function getLastingToken(session: Session, signal: AbortSignal): Promise<ITokenInfo> {
  const token = await session.getToken({ signal })
  const { access_token } = token
  if (Number(token.expires_in) > Math.min(minLifetime, lifetimeOf(access_token) / 2)) return token
  try {
    return await session.getToken({ signal, rejected: access_token })
  } catch (error) {
    const isStillValid = isPDSError(error) && error.outcome !== 'unknown' && error.code !== 'LoginRequired'
    if (signal.aborted || !isStillValid) throw error
    return token
  }
}

/** Returns the whole lifetime of a token, a JWT, in seconds. Infinite if the token does not contain it. */
function lifetimeOf(access_token: string): number {
  try {
    const [, payload = ''] = access_token.split('.')
    const { iat, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString())
    return exp > iat ? exp - iat : Number.POSITIVE_INFINITY
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
