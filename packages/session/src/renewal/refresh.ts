import type { PDSError } from '@pds/core'
import { isPDSError } from '@pds/core/internal'
import type { Lease } from '../record/lease.ts'
import { isSameToken, type SessionState, type SessionToken, type Snapshot } from '../record/session-state.ts'
import { commitLate, commitToken } from './commit-token.ts'
import type { RenewalContext, Step } from './renewal-context.ts'

/** One attempt to spend a refresh token. */
export interface RefreshAttempt {
  session: RenewalContext
  /** The lease that allows this process to send. */
  lease: Lease
  /** The snapshot that contains the refresh token. Its token pair decides later whether the new token may be written. */
  parent: Snapshot
  refresh_token: string
  /** The id of this attempt. */
  owner: string
  /** The access token that the service rejected. */
  rejected: string | undefined
}

/**
 * Spends a single-use refresh token and stores the new token.
 *
 * An intent is written before the request. If the response is lost, the request is replayed once. If an earlier request
 * may have spent the refresh token, a rejection does not end the sign-in yet: the record becomes `suspect`.
 */
export async function refresh(attempt: RefreshAttempt): Promise<Step> {
  const { session, lease, parent } = attempt
  const { calls, limits } = session
  const isInherited = hasIntent(attempt)
  if (isInherited && !limits.replayLostRefresh) return suspect(attempt, parent)
  const intended = await writeIntent(attempt)
  if (!intended) return 'again'
  // If the machine slept, another process may hold the lease now.
  if (lease.remaining() <= calls.maxDuration) {
    await revertIntent(attempt, intended)
    return 'wait'
  }
  return send(attempt, intended, isInherited)
}

/** Checks whether an earlier attempt may have spent the refresh token. */
function hasIntent({ session, parent }: RefreshAttempt): boolean {
  const { intent } = parent.state
  return intent !== undefined && !session.unsent.has(intent.owner)
}

/** Writes the intent, so that after a crash the next process knows that the refresh token may be spent. */
async function writeIntent(attempt: RefreshAttempt): Promise<Snapshot | undefined> {
  const { session, parent, owner } = attempt
  // A store that reports an error may have written the intent: `unsent` records that nothing was sent for it. After an
  // inherited intent the refresh token may be spent, so the intent that replaces it counts.
  if (!hasIntent(attempt)) session.unsent.add(owner)
  return session.record.write(parent, { ...parent.state, intent: { owner } })
}

/** Restores the record to its state before the intent, because nothing was sent. */
async function revertIntent(attempt: RefreshAttempt, intended: Snapshot): Promise<void> {
  const { session, parent, owner } = attempt
  if (!hasIntent(attempt)) session.unsent.add(owner)
  await session.record.write(intended, parent.state).catch(() => undefined)
}

async function send(attempt: RefreshAttempt, intended: Snapshot, isInherited: boolean): Promise<Step> {
  const { session, lease, refresh_token, owner } = attempt
  const { calls, limits } = session
  // The first response may arrive during the replay. The token of the last response is the valid one.
  const late = new LateToken(commitLate(session, intended))
  for (let sends = 1; ; sends++) {
    session.unsent.delete(owner)
    let token: SessionToken | undefined
    try {
      token = await calls.refresh(refresh_token, late.take)
    } catch (error) {
      if (!isPDSError(error)) throw error
      const isUnknown = error.outcome === 'unknown'
      // A replay can succeed: the request may not have arrived, or the service may repeat its response for a while.
      const isReplayed = isUnknown && sends === 1 && limits.replayLostRefresh && !calls.canObtain
      if (isReplayed && (lease.remaining() > calls.maxDuration || (await lease.extend()))) continue
      token = late.release()
      if (!token) {
        // Another process holds the lease now.
        if (isReplayed) return 'again'
        if (!isUnknown && sends === 1 && !isRefreshTokenRejected(error)) await revertIntent(attempt, intended)
        return afterFailure(attempt, intended, error, isInherited || sends > 1)
      }
    }
    late.drop()
    return commitToken(session, intended, token, lease)
  }
}

async function afterFailure(
  attempt: RefreshAttempt,
  intended: Snapshot,
  error: PDSError,
  isUncertain: boolean,
): Promise<Step> {
  const { session, rejected } = attempt
  const { calls, record } = session
  if (!isRefreshTokenRejected(error) && !calls.canObtain) throw error
  const current = await record.read()
  // Another process has already stored the new token.
  if (!isSameToken(current, intended)) return 'again'
  if (calls.canObtain) {
    return commitToken(session, current, await calls.obtain(rejected, commitLate(session, current)))
  }
  const { status, reqId } = error
  const rejection = { ...(status !== undefined && { status }), ...(reqId !== undefined && { reqId }) }
  return isUncertain
    ? suspect(attempt, current, rejection)
    : requireLogin(session, current, 'rejected', rejected, rejection)
}

/** Marks the refresh token as `suspect`: for `suspectTime`, a suspended process may still write the new token. */
async function suspect(
  { session, rejected }: RefreshAttempt,
  over: Snapshot,
  rejection?: SessionState['rejection'],
): Promise<Step> {
  const { record, limits, now, learn } = session
  const written = await record.write(over, {
    ...over.state,
    ...expireRejected(over.state, rejected),
    status: 'suspect',
    suspectUntil: now() + limits.suspectTime,
    ...(rejection && { rejection }),
  })
  if (written) learn(written, 'this')
  return 'again'
}

/** Writes that the sign-in has ended and a login is required. */
export async function requireLogin(
  { record, learn }: RenewalContext,
  over: Snapshot,
  cause: 'rejected' | 'lost_response',
  rejected: string | undefined,
  rejection: SessionState['rejection'],
): Promise<Step> {
  const { seed } = over.state
  const written = await record.write(over, {
    status: 'login_required',
    cause,
    ...(rejection && { rejection }),
    ...expireRejected(over.state, rejected),
    ...(seed !== undefined && { seed }),
  })
  if (written) learn(written, 'this')
  return 'again'
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

  readonly take = (token: SessionToken): void => {
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
