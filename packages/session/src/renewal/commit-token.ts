import { isPDSError } from '@pds/core/internal'
import type { Lease } from '../record/session-record.ts'
import type { SessionToken, Snapshot } from '../record/session-state.ts'
import type { RenewalContext, Step } from './renewal-context.ts'

/**
 * Writes a token that was got for the one of a snapshot, and gives it, or says to look at what counts by now.
 *
 * Where the store does not take it, callers get it all the same. A lease that is given is held until the store does.
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
    // Signed out or signed in anew meanwhile: nobody will use this one.
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

/** Takes a token that comes when nobody waits for it any more. */
export function commitLate(session: RenewalContext, parent: Snapshot): (token: SessionToken) => void {
  return (token) => {
    commitToken(session, parent, token).catch(() => undefined)
  }
}
