import type { PDSTransport } from '@pds/core'
import type { TokenInfo } from '@pds/types'
import type { ServiceProfile } from '../profile/profile.ts'

// In milliseconds.
const timeout = 30_000

/** The token that starts a sign-in, and the transport that received it. */
export interface FirstToken {
  token: TokenInfo
  transport: PDSTransport
}

/**
 * Obtains a token of a JWT application, for a user or without one, which also checks its private key.
 */
export async function obtainFirst(
  profile: ServiceProfile,
  user_id: string | undefined,
  signal: AbortSignal,
): Promise<FirstToken> {
  // Late, so that it stays out of the file that every command loads.
  const { loadGrant } = await import('./load-grant.ts')
  const { grant, transport } = await loadGrant(profile, user_id)
  return { token: (await grant.obtain?.({ signal, timeout })) as TokenInfo, transport }
}
