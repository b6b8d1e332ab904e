import type { PDSError } from '@pds/core'
import { isPDSError } from '@pds/core/internal'
import type { Lease } from '../record/lease.ts'
import {
  type Intent,
  isSameToken,
  type Rejection,
  type SessionState,
  type SessionToken,
  type Snapshot,
} from '../record/session-state.ts'
import { commitLate, commitToken } from './commit-token.ts'
import { maxCallDuration, requestToken } from './grant-calls.ts'
import { obtain } from './obtain.ts'
import type { RenewalContext, Step } from './renewal-context.ts'

/**
 * Spends a single-use refresh token and stores the new token.
 *
 * An intent is written before the request. If the response is lost, the request is replayed once. If an earlier request
 * may have spent the refresh token, a rejection does not end the sign-in yet: the record becomes `suspect`.
 *
 * `lease` allows this process to send. The token pair of `parent` decides later whether the new token may be written.
 */
export async function refresh(
  context: RenewalContext,
  parent: Snapshot,
  refresh_token: string,
  lease: Lease,
): Promise<Step> {
  const { record, attempts, replayLostRefresh, page, isOnline } = context
  const { owner, lastSent } = attempts
  const { intent } = parent.state
  const isUnsent = intent?.owner === owner && intent.attempt > lastSent
  // The intent of an earlier attempt that may have spent the refresh token.
  const inherited = isUnsent ? undefined : intent
  if (inherited && !replayLostRefresh) return suspect(context, parent, inherited)

  const attempt = ++attempts.last
  // The refresh token may be spent already, so the intent that replaces the inherited one counts.
  if (inherited) attempts.lastSent = attempt
  // After a crash, the intent tells the next process that the refresh token may be spent. A state that may be outdated
  // is not written before the service has confirmed it.
  const writeIntent = async (over: Snapshot, next: Intent | undefined) =>
    over.missing ? over : record.write(over, { ...over.state, intent: next })
  const intended = await writeIntent(parent, { owner, attempt })
  if (!intended) return 'again'
  const revertIntent = () => writeIntent(intended, inherited).catch(() => undefined)
  const hasTime = () => lease.remaining() > maxCallDuration(context)
  // If the machine slept, another process may hold the lease now.
  if (!hasTime()) {
    await revertIntent()
    return 'wait'
  }

  // The first response may arrive during the replay. The token of the last response is the valid one.
  let arrived: SessionToken | undefined
  let takeLate = (token: SessionToken) => {
    arrived = token
  }
  for (let sends = 1; ; sends++) {
    const wasOnline = isOnline()
    attempts.lastSent = attempt
    const result = await page
      .during(() => requestToken(context, refresh_token, (token) => takeLate(token)))
      .catch((error: PDSError) => error)
    if (!isPDSError(result)) {
      takeLate = () => undefined
      return commitToken(context, intended, result, lease)
    }
    // While the browser is offline, a failed connection means that nothing was sent: browsers fail such a request before
    // they send it, but do not say so. `navigator.onLine` alone, and any other error, prove nothing.
    const isOffline = !wasOnline && !isOnline() && result.code === 'NetworkError'
    const isUnknown = result.outcome === 'unknown' && !isOffline
    const isLeaving = page.hasLeft
    // A replay can succeed: the request may not have arrived, or the service may repeat its response for a while. The
    // next page does it if this one is going away.
    const canReplay = isUnknown && sends === 1 && replayLostRefresh && !context.canObtain && !isLeaving
    if (canReplay && (hasTime() || (await lease.extend()))) continue
    if (arrived) return commitToken(context, intended, arrived, lease)
    takeLate = commitLate(context, intended)
    // Another process holds the lease now.
    if (canReplay) return 'again'
    // If the page stays or returns, it replays the refresh then.
    if (isUnknown && isLeaving) return 'wait'
    const isRejected = isRefreshTokenRejected(result)
    if (!isUnknown && sends === 1 && !isRejected) {
      // Nothing was spent.
      if (!inherited) attempts.lastSent = lastSent
      await revertIntent()
      if (isOffline) return 'offline'
    }
    if (!isRejected && !context.canObtain) throw result
    const current = await record.read(intended)
    // Another process has already stored the new token.
    if (!isSameToken(current, intended)) return 'again'
    if (context.canObtain) return obtain(context, current, lease)
    const spender = sends > 1 ? intended.state.intent : inherited
    const { status, reqId } = result
    return spender
      ? suspect(context, current, spender, { status, reqId })
      : requireLogin(context, current, 'rejected', { status, reqId })
  }
}

/** Marks the refresh token as `suspect`: for `suspectTime`, the process that spent it may still write the new token. */
function suspect(
  context: RenewalContext,
  over: Snapshot,
  intent: Intent,
  rejection?: Rejection,
): Promise<Step> {
  const suspectUntil = context.clock.now() + context.suspectTime
  return put(context, over, { ...over.state, status: 'suspect', intent, suspectUntil, rejection })
}

/** Writes that the sign-in has ended and a login is required. */
export function requireLogin(
  context: RenewalContext,
  over: Snapshot,
  cause: 'rejected' | 'lost_response',
  rejection: Rejection | undefined,
): Promise<Step> {
  const { seed, generation, token } = over.state
  const since = context.clock.now()
  return put(context, over, { status: 'login_required', cause, since, rejection, token, seed, generation })
}

/** Writes a state. The renewal then continues with the state that is stored. */
async function put(context: RenewalContext, over: Snapshot, state: SessionState): Promise<Step> {
  const { token } = state
  const isRejected = token?.info.access_token === context.rejected
  // A rejected token counts as expired.
  const stored = token && isRejected ? { ...token, mintedAt: 0, expiresAt: 0 } : token
  const snapshot = await context.record.write(over, { ...state, token: stored })
  if (snapshot) context.known = snapshot
  return 'again'
}

// The codes that reject a refresh token. The vendor does not document them. Users of the service have seen the first
// one, the next two are unambiguous in response to a refresh, and `invalid_grant` is from RFC 6749 section 5.2. Those of
// OpenID Connect Core section 3.1.2.6 say that the user is needed. Other codes, for example of a misconfigured
// application, do not end the session: a new sign-in does not help.
const rejectionCodes: readonly string[] = [
  'InvalidParameter.RefreshToken',
  'InvalidParameterExpired',
  'TokenExpired',
  'invalid_grant',
  'interaction_required',
  'login_required',
  'consent_required',
  // Thrown by a custom grant.
  'LoginRequired',
]

/** Checks whether the service rejected the refresh token. */
function isRefreshTokenRejected({ code, outcome }: PDSError): boolean {
  return outcome === 'responded' && rejectionCodes.includes(code)
}
