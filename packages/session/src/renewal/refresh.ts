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
import type { RenewalContext, Step } from './renewal-context.ts'

/** What a refresh spends, and under which lease. */
export interface Spending {
  /** The lease that allows this process to send. */
  readonly lease: Lease
  /** The snapshot that contains the refresh token. Its token pair decides later whether the new token may be written. */
  readonly parent: Snapshot
  readonly refresh_token: string
}

/**
 * Spends a single-use refresh token and stores the new token.
 *
 * An intent is written before the request. If the response is lost, the request is replayed once. If an earlier request
 * may have spent the refresh token, a rejection does not end the sign-in yet: the record becomes `suspect`.
 */
export async function refresh(context: RenewalContext, spending: Spending): Promise<Step> {
  const { calls, limits } = context
  const { lease, parent } = spending
  const inherited = inheritedIntent(context, parent)
  if (inherited && !limits.replayLostRefresh) {
    return afterSpending(context, parent, inherited)
  }
  const intended = await writeIntent(context, parent)
  if (!intended) return 'again'
  // If the machine slept, another process may hold the lease now.
  if (lease.remaining() <= calls.maxDuration) {
    await revertIntent(context, intended, inherited)
    return 'wait'
  }
  return send(context, { ...spending, parent: intended }, inherited)
}

/** Returns the intent of an earlier attempt that may have spent the refresh token. */
function inheritedIntent({ attempts }: RenewalContext, { state }: Snapshot): Intent | undefined {
  const { intent } = state
  const isUnsent = intent?.owner === attempts.owner && intent.attempt > attempts.lastSent
  return isUnsent ? undefined : intent
}

/**
 * Writes the intent, so that after a crash the next process knows that the refresh token may be spent. A state that may
 * be outdated is not written before the service has confirmed it.
 */
async function writeIntent(context: RenewalContext, parent: Snapshot): Promise<Snapshot | undefined> {
  const { attempts, record } = context
  attempts.last++
  // After an inherited intent the refresh token may be spent, so the intent that replaces it counts.
  if (inheritedIntent(context, parent)) attempts.lastSent = attempts.last
  if (parent.missing) return parent
  const intent = { owner: attempts.owner, attempt: attempts.last }
  return record.write(parent, { ...parent.state, intent })
}

/** Restores the record to its state before the intent, because nothing was spent. */
async function revertIntent(
  context: RenewalContext,
  intended: Snapshot,
  inherited: Intent | undefined,
): Promise<void> {
  if (intended.missing) return
  const { intent: _, ...state } = intended.state
  const reverted = inherited ? { ...state, intent: inherited } : state
  await context.record.write(intended, reverted).catch(() => undefined)
}

async function send(
  context: RenewalContext,
  { lease, parent: intended, refresh_token }: Spending,
  inherited: Intent | undefined,
): Promise<Step> {
  const { calls, limits, page, attempts, isOnline, isBackground } = context
  // The first response may arrive during the replay. The token of the last response is the valid one.
  const late = new LateToken(commitLate(context, intended))
  const { departures } = page
  const { lastSent } = attempts
  for (let sends = 1; ; sends++) {
    const wasOnline = isOnline()
    attempts.lastSent = attempts.last
    let token: SessionToken | undefined
    try {
      token = await page.during(() => calls.refresh(refresh_token, (arrived) => late.take(arrived)))
    } catch (error) {
      if (!isPDSError(error)) throw error
      const isOffline = !wasOnline && !isOnline() && isNetworkError(error)
      const isUnknown = error.outcome === 'unknown' && !isOffline
      // A replay can succeed: the request may not have arrived, or the service may repeat its response for a while. The
      // next page does it if this one is going away.
      const canReplay = limits.replayLostRefresh && !calls.canObtain && page.departures === departures
      const isReplayed = isUnknown && sends === 1 && canReplay
      if (isReplayed && (lease.remaining() > calls.maxDuration || (await lease.extend()))) continue
      token = late.release()
      if (!token) {
        // Another process holds the lease now.
        if (isReplayed) return 'again'
        // If the page stays or returns, it replays the refresh then.
        if (isUnknown && page.departures !== departures) return 'wait'
        const isUnspent = !isUnknown && sends === 1 && !isRefreshTokenRejected(error)
        if (isUnspent) {
          if (!inherited) attempts.lastSent = lastSent
          await revertIntent(context, intended, inherited)
        }
        if (isOffline && isUnspent && !isBackground) return 'offline'
        const spender = sends > 1 ? intended.state.intent : inherited
        return afterFailure(context, { lease, parent: intended, refresh_token }, error, spender)
      }
    }
    late.drop()
    return commitToken(context, intended, token, lease)
  }
}

/**
 * Checks for the failure of a connection. While the browser is offline, it means that nothing was sent: browsers fail such
 * a request before they send it, but do not say so. `navigator.onLine` alone, and any other error, prove nothing.
 */
export function isNetworkError({ code }: PDSError): boolean {
  return code === 'NetworkError'
}

async function afterFailure(
  context: RenewalContext,
  { lease, parent: intended }: Spending,
  error: PDSError,
  spender: Intent | undefined,
): Promise<Step> {
  const { calls, record, rejected } = context
  if (!isRefreshTokenRejected(error) && !calls.canObtain) throw error
  const current = await record.read(intended)
  // Another process has already stored the new token.
  if (!isSameToken(current, intended)) return 'again'
  if (calls.canObtain) {
    const token = await calls.obtain(rejected, commitLate(context, current))
    return commitToken(context, current, token, lease)
  }
  const { status, reqId } = error
  const rejection = { ...(status !== undefined && { status }), ...(reqId !== undefined && { reqId }) }
  return spender
    ? afterSpending(context, current, spender, rejection)
    : requireLogin(context, current, 'rejected', rejection)
}

/**
 * Marks the refresh token as `suspect`: for `suspectTime`, the process that spent it may still write the new token.
 * Requires a login at once if that process has ended.
 */
async function afterSpending(
  context: RenewalContext,
  over: Snapshot,
  spender: Intent,
  rejection?: Rejection,
): Promise<Step> {
  const { record, limits, clock, rejected } = context
  if (await isGone(context, spender)) return requireLogin(context, over, 'lost_response', rejection)
  const written = await record.write(over, {
    ...over.state,
    ...expireRejected(over.state, rejected),
    status: 'suspect',
    intent: spender,
    suspectUntil: clock.now() + limits.suspectTime,
    ...(rejection && { rejection }),
  })
  return written ? 'wait' : 'again'
}

/** Writes that the sign-in has ended and a login is required. */
export async function requireLogin(
  { record, clock, rejected }: RenewalContext,
  over: Snapshot,
  cause: 'rejected' | 'lost_response',
  rejection: Rejection | undefined,
): Promise<Step> {
  const { seed, generation } = over.state
  const snapshot = await record.write(over, {
    status: 'login_required',
    cause,
    since: clock.now(),
    ...(rejection && { rejection }),
    ...expireRejected(over.state, rejected),
    ...(seed !== undefined && { seed }),
    ...(generation !== undefined && { generation }),
  })
  return snapshot ? { snapshot, by: 'this' } : 'again'
}

/** Checks whether the process that may have spent a `suspect` refresh token has ended. */
export async function isSpenderGone(context: RenewalContext, { state }: Snapshot): Promise<boolean> {
  const { status, intent } = state
  return status === 'suspect' && intent !== undefined && (await isGone(context, intent))
}

async function isGone({ attempts, record }: RenewalContext, { owner }: Intent): Promise<boolean> {
  return owner !== attempts.owner && (await record.isOwnerGone(owner))
}

/** Returns the token of a state. A rejected token counts as expired. */
function expireRejected({ token }: SessionState, rejected: string | undefined): { token?: SessionToken } {
  if (!token) return {}
  return { token: token.info.access_token === rejected ? { ...token, mintedAt: 0, expiresAt: 0 } : token }
}

/** Holds the token of a request that timed out, in case the replay returns none. */
class LateToken {
  #token: SessionToken | undefined
  #commit: ((token: SessionToken) => void) | undefined
  #isHeld = true

  constructor(commit: (token: SessionToken) => void) {
    this.#commit = commit
  }

  take(token: SessionToken): void {
    if (this.#isHeld) this.#token = token
    else this.#commit?.(token)
  }

  /** Returns the token that has arrived. A token that arrives later is written at once. */
  release(): SessionToken | undefined {
    this.#isHeld = false
    return this.#token
  }

  /** Ignores this token, because the replay returned a newer one. */
  drop(): void {
    this.#isHeld = false
    this.#commit = undefined
  }
}

// The codes that reject a refresh token. The vendor does not document them. Users of the service have seen the first
// one, the next two are unambiguous in response to a refresh, and `invalid_grant` is from RFC 6749 section 5.2. Other
// codes, for example of a misconfigured application, do not end the session.
const rejectionCodes: readonly string[] = [
  'InvalidParameter.RefreshToken',
  'InvalidParameterExpired',
  'TokenExpired',
  'invalid_grant',
  // Thrown by a custom grant.
  'LoginRequired',
]

/** Checks whether the service rejected the refresh token. */
function isRefreshTokenRejected({ code, outcome }: PDSError): boolean {
  return outcome === 'responded' && rejectionCodes.includes(code)
}
