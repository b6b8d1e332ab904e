import type { PDSError } from '@pds/core'
import { isPDSError } from '@pds/core/internal'
import type { Lease } from '../record/session-record.ts'
import { isSameToken, type SessionState, type SessionToken, type Snapshot } from '../record/session-state.ts'
import { commitLate, commitToken } from './commit-token.ts'
import type { RenewalContext, Step } from './renewal-context.ts'

/** What spends a refresh token, under a lease. */
export interface RefreshAttempt {
  session: RenewalContext
  lease: Lease
  /** What the refresh token was read from. */
  parent: Snapshot
  refresh_token: string
  /** An id of this attempt alone. */
  owner: string
  /** The access token that the service has refused. */
  rejected: string | undefined
}

/** Spends a refresh token, which is good for one use, and finds out what has become of it where that is not clear. */
export async function refresh(attempt: RefreshAttempt): Promise<Step> {
  const { session, lease, parent } = attempt
  const { calls, limits } = session
  const isInherited = hasIntent(attempt)
  if (isInherited && !limits.replayLostRefresh) return suspect(attempt, parent)
  const intended = await writeIntent(attempt)
  if (!intended) return 'again'
  // This machine may have slept, and another one have the lease by now.
  if (lease.remaining() <= calls.longest) {
    await revertIntent(attempt, intended)
    return 'wait'
  }
  return send(attempt, intended, isInherited)
}

/** Whether the refresh token may have been spent before. */
function hasIntent({ session, parent }: RefreshAttempt): boolean {
  const { intent } = parent.state
  return intent !== undefined && !session.unsent.has(intent.owner)
}

/** Written ahead: whoever comes after a crash knows that the refresh token may be spent. */
async function writeIntent(attempt: RefreshAttempt): Promise<Snapshot | undefined> {
  const { session, parent, owner } = attempt
  // Until it is sent; the store may do what it fails over. One of before must not be forgotten over it.
  if (!hasIntent(attempt)) session.unsent.add(owner)
  return session.record.write(parent, { ...parent.state, intent: { owner } })
}

/** Nothing was sent: the record says again what it said before. */
async function revertIntent(attempt: RefreshAttempt, intended: Snapshot): Promise<void> {
  const { session, parent, owner } = attempt
  if (!hasIntent(attempt)) session.unsent.add(owner)
  await session.record.write(intended, parent.state).catch(() => undefined)
}

async function send(attempt: RefreshAttempt, intended: Snapshot, isInherited: boolean): Promise<Step> {
  const { session, lease, refresh_token, owner } = attempt
  const { calls, limits } = session
  // The answer to the first request may come when the second one is under way: what is answered last lives.
  const late = new LateToken(commitLate(session, intended))
  for (let sends = 1; ; sends++) {
    session.unsent.delete(owner)
    let token: SessionToken | undefined
    try {
      token = await calls.refresh(refresh_token, late.take)
    } catch (error) {
      if (!isPDSError(error)) throw error
      const isUnknown = error.outcome === 'unknown'
      // Once more, since the request may not have come through, or the service may know it again.
      const isReplayed = isUnknown && sends === 1 && limits.replayLostRefresh && !calls.canObtain
      if (isReplayed && (lease.remaining() > calls.longest || (await lease.extend()))) continue
      token = late.release()
      if (!token) {
        // Another one has the lease by now.
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
  // Spent by another one, which has got another token for it.
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

/** Lets who is late write a token that was got for the same refresh token. */
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

/** Ends a sign-in that cannot go on. */
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

/** The token of a state; of one that the service has refused no time is left. */
function expireRejected({ token }: SessionState, rejected: string | undefined): { token?: SessionToken } {
  if (!token) return {}
  return { token: token.info.access_token === rejected ? { ...token, mintedAt: 0, expiresAt: 0 } : token }
}

/** A token that comes after the time of its request. */
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

  /** Gives the one that has come; one that comes later is written when it does. */
  release(): SessionToken | undefined {
    this.#isHeld = false
    return this.#token
  }

  /** Another one counts. */
  drop(): void {
    this.#isHeld = false
    this.#commit = undefined
  }
}

// What a service says of a refresh token that it does not take: the code that users of this one have seen, those that
// can mean nothing else in answer to a refresh, and that of RFC 6749 section 5.2. The vendor does not list them. All
// others, such as those of an application that is set up wrongly, leave the session as it is.
const rejectionCodes: readonly string[] = [
  'InvalidParameter.RefreshToken',
  'InvalidParameterExpired',
  'TokenExpired',
  'invalid_grant',
  // Of a grant of one's own that knows.
  'LoginRequired',
]

/** Whether an error says that the refresh token is not good any more. */
function isRefreshTokenRejected({ code, outcome }: PDSError): boolean {
  return outcome === 'responded' && rejectionCodes.includes(code)
}
