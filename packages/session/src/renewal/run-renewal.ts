import { invalidParameter, isPDSError, PDSError } from '@pds/core/internal'
import type { Lease } from '../record/lease.ts'
import { emptyState, type SessionToken, type Snapshot } from '../record/session-state.ts'
import { commitLate, commitToken } from './commit-token.ts'
import { type Decision, type DecisionContext, decide } from './decide.ts'
import { isNetworkError, isSpenderGone, refresh, requireLogin } from './refresh.ts'
import type { RenewalContext, RenewalResult, Step } from './renewal-context.ts'

// The pause between two reads of the record, in milliseconds.
const minPause = 20
const maxPause = 250
// How long a caller waits for a new token while the old one is valid, in milliseconds.
const maxWaitWithToken = 1000

/**
 * Renews the token of a session. Returns the snapshot from which callers get their token or their error. Throws a
 * `PDSError` if a request or the store fails.
 *
 * The lease decides who may send: only the process that holds it spends the refresh token. The comparison with the
 * spent token pair decides who may write: a new token is stored if the pair that was spent for it still is the stored
 * one, even if the lease has expired by then.
 */
export async function runRenewal(context: RenewalContext): Promise<RenewalResult> {
  const { limits, pauses, isBackground, isOnline } = context
  const startedAt = performance.now()
  const run: Run = {
    elapsed: () => performance.now() - startedAt,
    patience: limits.requestTimeout * (1 + Math.random()),
    latest: context.known,
  }
  let pause = minPause
  let isOffline = false
  for (;;) {
    isOffline &&= !isOnline()
    const step: Step = isOffline ? await readAgain(context, run) : await takeStep(context, run)
    if (typeof step === 'object') return step
    if (pauses.isClosed) throw invalidParameter('the session is closed')
    isOffline ||= step === 'offline'
    const remaining = limits.waitTimeout - run.elapsed()
    if (remaining <= 0) throw timeoutError(limits.waitTimeout, isOffline)
    if (step === 'again') continue
    // The callers of a background renewal have a token.
    if (isBackground && run.latest) return { snapshot: run.latest, by: 'another' }
    if (run.latest && (run.elapsed() >= maxWaitWithToken || !isOnline())) {
      const failure = timeoutError(limits.waitTimeout, isOffline)
      const { action } = decideOn(context, run.latest, { failure })
      if (action === 'use') return { snapshot: run.latest, by: 'another' }
    }
    await pauses.wait(Math.min(remaining, pause * (1 + 1.5 * Math.random())))
    pause = Math.min(pause * 1.5, maxPause)
  }
}

/** The part of a renewal that changes. */
interface Run {
  /** Returns the time since the renewal began, in milliseconds. */
  elapsed(): number
  /** After how many milliseconds a grant that can obtain tokens proceeds without the lease. */
  readonly patience: number
  /** The last snapshot of the record. */
  latest: Snapshot | undefined
}

async function takeStep(context: RenewalContext, run: Run): Promise<Step> {
  const { record, calls, limits, attempts, isBackground, page } = context
  // If the page stays or returns, its callers still want a token.
  if (page.isLeaving) return 'wait'
  try {
    const taken = await record.lease(attempts.owner, limits.leaseTime, run.latest)
    if (!taken) return await withoutLease(context, run)
    const { lease, snapshot } = taken
    let step: Step | undefined
    try {
      step = await underLease(context, run, snapshot, lease)
      return step
    } finally {
      const isKept = typeof step === 'object' && step.unsaved?.lease === lease
      if (!isKept) await lease.release()
    }
  } catch (error) {
    // A grant that can obtain a token at any time does not need the store.
    const isStoreFailure = isPDSError(error) && error.code === 'StoreFailed'
    if (!isStoreFailure || !calls.canObtain || isBackground) throw error
    const { latest = emptySnapshot() } = run
    return (await conclude(context, latest)) ?? obtain(context, latest)
  }
}

/** Reads the record again, and waits if it is still the one that has to be renewed. */
async function readAgain(context: RenewalContext, run: Run): Promise<Step> {
  run.latest = await context.record.read(run.latest)
  return (await conclude(context, run.latest)) ?? 'wait'
}

async function withoutLease(context: RenewalContext, run: Run): Promise<Step> {
  const { calls, isBackground } = context
  const step = await readAgain(context, run)
  if (step !== 'wait' || !run.latest) return step
  // For a grant that can obtain tokens, the lease only saves requests, and its owner may have been killed. The random
  // patience keeps waiting processes from proceeding together.
  const isLongEnough = calls.canObtain && run.elapsed() > run.patience
  return isLongEnough && !isBackground ? obtain(context, run.latest) : 'wait'
}

async function underLease(context: RenewalContext, run: Run, taken: Snapshot, lease: Lease): Promise<Step> {
  const { calls, record } = context
  const parent = await record.restore(taken)
  run.latest = parent
  const conclusion = await conclude(context, parent)
  if (conclusion) return conclusion
  const { token, status } = parent.state
  const refresh_token = calls.canRefresh && status === 'ok' ? token?.info.refresh_token : undefined
  // The unreadable record may contain a newer refresh token.
  if (refresh_token !== undefined && !parent.unreadable)
    return refresh(context, { lease, parent, refresh_token })
  if (calls.canObtain) return obtain(context, parent, lease)
  return requireLogin(context, parent, 'lost_response', parent.state.rejection)
}

/** Obtains a token. The lease need not be held until it is stored, because no refresh token was spent. */
async function obtain(context: RenewalContext, parent: Snapshot, lease?: Lease): Promise<Step> {
  const { calls, rejected, isOnline, isBackground } = context
  const wasOnline = isOnline()
  let token: SessionToken
  try {
    token = await calls.obtain(rejected, commitLate(context, parent))
  } catch (error) {
    // A grant of the application throws any error. Nothing is spent twice if it was another one.
    const isFailure = isPDSError(error) && (isNetworkError(error) || error.code === 'RefreshFailed')
    if (isFailure && !wasOnline && !isOnline() && !isBackground) return 'offline'
    throw error
  }
  const result = await commitToken(context, parent, token, lease)
  const { unsaved } = result
  return unsaved ? { ...result, unsaved: { ...unsaved, lease: undefined } } : result
}

/** Returns the result, or whether to wait, if a snapshot needs no renewal. */
async function conclude(context: RenewalContext, snapshot: Snapshot): Promise<Step | undefined> {
  const decision = decideOn(context, snapshot, { isSpenderGone: await isSpenderGone(context, snapshot) })
  if (decision.action === 'wait') return 'wait'
  const isRenewal = decision.action === 'renew' || (decision.action === 'use' && decision.renew)
  const isDone = decision.action !== 'renew' && !(isRenewal && context.isBackground)
  return isDone ? { snapshot, by: 'another' } : undefined
}

function decideOn(context: RenewalContext, snapshot: Snapshot, more: Partial<DecisionContext>): Decision {
  const { calls, limits, clock, jitter, rejected, isOnline } = context
  const { canObtain, canRefresh } = calls
  const { suspectTime } = limits
  return decide(snapshot, clock.now(), {
    rejected,
    canObtain,
    canRefresh,
    jitter,
    suspectTime,
    isOnline: isOnline(),
    ...more,
  })
}

function emptySnapshot(): Snapshot {
  const confirmed = { wall: 0, steady: 0 }
  return { rev: 0, epoch: 0, state: emptyState, asOf: 0, until: 0, seenAt: 0, confirmed }
}

function timeoutError(waitTimeout: number, isOffline: boolean): PDSError {
  const why = isOffline
    ? 'this machine is offline'
    : 'another process holds the lease, or may still write a token'
  return new PDSError(`the session got no token within ${waitTimeout} ms (option waitTimeout): ${why}`, {
    code: 'Timeout',
    outcome: 'not-sent',
  })
}
