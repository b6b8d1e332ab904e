import type { PDSError } from '@pds/core'
import { publishCommitLost } from '#platform'
import type { Lease } from '../record/lease.ts'
import { nextState } from '../record/session-record.ts'
import { isSamePair, type SessionToken, type Snapshot } from '../record/session-state.ts'
import type { RenewalContext, RenewalResult, RenewalTools } from './renewal-context.ts'

/** The tools of a renewal, which may be observed. */
type ObservedTools = RenewalTools & Pick<RenewalContext, 'observed'>

/**
 * Writes a new token over the token pair of `parent`, which was spent for it. Another token or a sign-out may be stored
 * by then, and is the result.
 *
 * If the store fails, callers get the token anyway. If a refresh token was spent for it, the session holds `lease` until
 * the token is stored.
 */
export async function commitToken(
  tools: ObservedTools,
  parent: Snapshot,
  token: SessionToken,
  lease?: Lease,
): Promise<RenewalResult> {
  const { record, canObtain } = tools
  try {
    const snapshot = await record.commit(parent, token, lease)
    if (isSamePair(snapshot.state.token, token)) {
      return { snapshot: { ...snapshot, isOwn: true }, isUsable: true }
    }
    publishCommitLost(tools, snapshot)
    // After a sign-out or another sign-in, no caller will use this token.
    const isOver = snapshot.epoch > parent.epoch && parent.rev > 0
    return { snapshot, unused: isOver || snapshot.state.status === 'signed_out' ? token : undefined }
  } catch (error) {
    const now = performance.now()
    const state = nextState(parent, token)
    // The next read writes the token, at any time: the store has not confirmed it, but the service has.
    const always = Number.POSITIVE_INFINITY
    const confirmed = { wall: always, steady: always }
    const times = { asOf: now, until: now, seenAt: now, confirmed }
    return {
      snapshot: { ...parent, ...times, state, missing: 'write', isOwn: true },
      isUsable: true,
      unsaved: { lease: canObtain ? undefined : lease, error: error as PDSError },
    }
  }
}

/** Returns a function that writes a token which arrives after its request timed out. */
export function commitLate(tools: ObservedTools, parent: Snapshot): (token: SessionToken) => void {
  return (token) => void commitToken(tools, parent, token).then(tools.take)
}
