import { isPDSError } from '@pds/core/internal'
import type { Lease } from '../record/lease.ts'
import type { SessionToken, Snapshot } from '../record/session-state.ts'
import type { RenewalContext, Step } from './renewal-context.ts'

/**
 * Writes a new token over the token pair of `parent`, which was spent for it, and returns the token. Returns 'again' if
 * another token or a sign-out is stored by then.
 *
 * If the store fails, callers get the token anyway, and the session holds `lease` until the token is stored.
 */
export async function commitToken(
  session: RenewalContext,
  parent: Snapshot,
  token: SessionToken,
  lease?: Lease,
): Promise<Step> {
  const { record, learn, keepUnsaved, revokeUnused } = session
  try {
    const { isWritten, snapshot } = await record.commit(parent, token)
    learn(snapshot, isWritten ? 'this' : 'another')
    if (isWritten) return { token }
    // After a sign-out or another sign-in, no caller will use this token.
    if (snapshot.epoch > parent.epoch && parent.rev > 0) revokeUnused(token)
    else if (snapshot.state.status === 'signed_out') revokeUnused(token)
    return 'again'
  } catch (error) {
    if (!isPDSError(error)) throw error
    if (keepUnsaved(parent, token, lease, error)) return { token }
    revokeUnused(token)
    return 'again'
  }
}

/** Returns a function that writes a token which arrives after its request timed out. */
export function commitLate(session: RenewalContext, parent: Snapshot): (token: SessionToken) => void {
  return (token) => {
    commitToken(session, parent, token).catch(() => undefined)
  }
}
