import { isPDSError } from '@pds/core/internal'
import type { Lease } from '../record/lease.ts'
import { nextState } from '../record/session-record.ts'
import type { SessionToken, Snapshot } from '../record/session-state.ts'
import type { RenewalResult, RenewalTools } from './renewal-context.ts'

/**
 * Writes a new token over the token pair of `parent`, which was spent for it. Another token or a sign-out may be stored
 * by then, and is the result.
 *
 * If the store fails, callers get the token anyway, and the session holds `lease` until the token is stored.
 */
export async function commitToken(
  { record }: Pick<RenewalTools, 'record'>,
  parent: Snapshot,
  token: SessionToken,
  lease?: Lease,
): Promise<RenewalResult> {
  try {
    const { isWritten, snapshot } = await record.commit(parent, token, lease)
    if (isWritten) return { snapshot, by: 'this' }
    // After a sign-out or another sign-in, no caller will use this token.
    const isOver = snapshot.epoch > parent.epoch && parent.rev > 0
    const isUnused = isOver || snapshot.state.status === 'signed_out'
    return { snapshot, by: 'another', ...(isUnused && { unused: token }) }
  } catch (error) {
    if (!isPDSError(error)) throw error
    const now = performance.now()
    const state = nextState(parent, token)
    const snapshot: Snapshot = { ...parent, state, asOf: now, until: now, seenAt: now }
    return { snapshot, by: 'this', unsaved: { parent, token, lease, error } }
  }
}

/** Returns a function that writes a token which arrives after its request timed out. */
export function commitLate(tools: RenewalTools, parent: Snapshot): (token: SessionToken) => void {
  return (token) => tools.takeLate(commitToken(tools, parent, token))
}
