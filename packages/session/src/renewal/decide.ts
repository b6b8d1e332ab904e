import type { PDSError } from '@pds/core'
import type { SessionToken, Snapshot } from '../record/session-state.ts'
import { hardWindow, maxSoftWindow, outlasts } from '../token/token-lifetime.ts'
import { loginRequired } from './login-required.ts'
import type { RenewalTools } from './renewal-context.ts'

/** What a session knows besides the record. */
export interface DecisionContext {
  /** The access token that the service rejected. */
  readonly rejected?: string | undefined
  /** Whether the grant can obtain a token without a refresh token. */
  readonly canObtain: boolean
  /** Whether the grant can spend a refresh token. */
  readonly canRefresh: boolean
  /** Shortens the soft window of this session, in milliseconds. */
  readonly jitter: number
  /** Whether the browser believes to be online. */
  readonly isOnline: boolean
  /** The longest time for which a refresh token is `suspect`, in milliseconds. */
  readonly suspectTime: number
  /** The failure of the last renewal, until its backoff ends. */
  readonly failure?: PDSError | undefined
  /** Whether the process that may have spent a `suspect` refresh token has ended. */
  readonly isSpenderGone?: boolean
}

/** What a session does for a caller. */
export type Decision =
  /** Returns the token, and with `renew` also renews it in the background. */
  | { readonly action: 'use'; readonly token: SessionToken; readonly renew: boolean }
  /** Waits for the process that may still write a new token. */
  | { readonly action: 'wait' }
  /** Renews the token. */
  | { readonly action: 'renew' }
  /** Throws. */
  | { readonly action: 'fail'; readonly error: PDSError }

/**
 * Decides what a session does with a snapshot of its record. `now` is the server's clock, in milliseconds since the Unix
 * epoch.
 */
export function decide(snapshot: Snapshot, now: number, context: DecisionContext): Decision {
  const { state, unreadable, missing } = snapshot
  const { status, token } = state
  const { rejected, canObtain, canRefresh, failure } = context
  const fail = (error: PDSError): Decision => ({ action: 'fail', error })
  if (status === 'signed_out') return fail(loginRequired(state))
  const isAccepted = token !== undefined && token.info.access_token !== rejected
  const lasts = (window: number) => isAccepted && outlasts(window, token, snapshot.seenAt, now)
  const canRenew = canObtain || (canRefresh && status === 'ok' && token?.info.refresh_token !== undefined)
  if (lasts(hardWindow)) {
    const isDue = !lasts(maxSoftWindow - context.jitter) || missing === 'ask'
    const isWorthwhile = isDue && !(unreadable && !canObtain)
    return {
      action: 'use',
      token: token as SessionToken,
      renew: isWorthwhile && canRenew && context.isOnline && !failure,
    }
  }
  // The old token serves its last seconds if no new one can be obtained now.
  const orUse = (decision: Decision): Decision =>
    lasts(0) ? { action: 'use', token: token as SessionToken, renew: false } : decision
  if (!canObtain) {
    // The unreadable record may contain a newer refresh token, so this one is not spent.
    if (unreadable) return orUse(fail(unreadable.error))
    if (status === 'suspect') {
      const remaining = (state.suspectUntil ?? 0) - now
      // A time beyond `suspectTime` was written by a wrong clock.
      const isOver = remaining <= 0 || remaining > context.suspectTime || context.isSpenderGone
      return orUse({ action: isOver ? 'renew' : 'wait' })
    }
    if (!canRenew) return orUse(fail(loginRequired(state)))
  }
  return failure ? orUse(fail(failure)) : { action: 'renew' }
}

/** Decides with the current times and tools of a session. */
export function decideNow(
  tools: RenewalTools,
  snapshot: Snapshot,
  more: Pick<DecisionContext, 'rejected' | 'failure' | 'isSpenderGone'>,
): Decision {
  return decide(snapshot, tools.clock.now(), { ...tools, isOnline: tools.isOnline(), ...more })
}
