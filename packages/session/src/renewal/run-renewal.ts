import { PDSError } from '@pds/core/internal'
import { runInTurn } from '#platform'
import type { Lease } from '../record/lease.ts'
import type { Snapshot } from '../record/session-state.ts'
import { decideNow } from './decide.ts'
import { obtain } from './obtain.ts'
import { refresh, requireLogin } from './refresh.ts'
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
 * Only the process that holds the lease spends the refresh token. A new token is stored if the pair that was spent for
 * it still is the stored one, even if the lease has expired by then.
 */
export async function runRenewal(context: RenewalContext): Promise<RenewalResult> {
  const { pauses, isBackground, isOnline, waitTimeout } = context
  const startedAt = performance.now()
  // After this time, a grant that can obtain tokens proceeds without the lease. Random, so that waiting processes do not
  // proceed together.
  const patience = context.requestTimeout * (1 + Math.random())
  let elapsed = 0
  let pause = minPause
  let isOffline = false
  for (;;) {
    isOffline &&= !isOnline()
    const run = () => takeStep(context, !isOffline, elapsed > patience)
    const step: Step = await runInTurn(context, waitTimeout - elapsed, run)
    if (typeof step === 'object') return step
    pauses.assertOpen()
    isOffline ||= step === 'offline'
    elapsed = performance.now() - startedAt
    const why = isOffline ? 'this machine is offline' : 'another process may still write a token'
    const failure = new PDSError(
      `the session got no token within ${waitTimeout} ms (option waitTimeout): ${why}`,
      { code: 'Timeout', outcome: 'not-sent' },
    )
    if (elapsed >= waitTimeout) throw failure
    if (step === 'again') continue
    const { known } = context
    const mayUse = elapsed >= maxWaitWithToken || !isOnline()
    // The callers of a background renewal have a token.
    const isDone = isBackground || (mayUse && decideNow(context, known, { failure }).action === 'use')
    if (isDone) return { snapshot: known, isUsable: !isBackground }
    await pauses.wait(Math.min(waitTimeout - elapsed, pause * (1 + 1.5 * Math.random())))
    pause = Math.min(pause * 1.5, maxPause)
  }
}

/** Reads the record, under the lease if another owner does not hold it, and renews the token if that is necessary. */
async function takeStep(context: RenewalContext, mayRequest: boolean, needsNoLease: boolean): Promise<Step> {
  const { record, attempts, canObtain, known } = context
  // If the page stays or returns, its callers still want a token.
  if (context.page.isLeaving) return 'wait'
  let lease: Lease | undefined
  let step: Step | undefined
  try {
    const taken = mayRequest ? await record.lease(attempts.owner, context.leaseTime, known) : undefined
    lease = taken?.lease
    const parent = await record.restore(taken?.snapshot ?? (await record.read(known)))
    step = await conclude(context, parent)
    if (!step && lease) step = await request(context, parent, lease)
    // For a grant that can obtain tokens, the lease only saves requests, and its owner may have been killed.
    step ??= mayRequest && canObtain && needsNoLease ? await obtain(context, parent) : 'wait'
    return step
  } catch (error) {
    // A grant that can obtain a token at any time does not need the store.
    if ((error as PDSError).code !== 'StoreFailed' || !mayRequest || !canObtain) throw error
    return (await conclude(context, context.known)) ?? (await obtain(context, context.known))
  } finally {
    const isKept = typeof step === 'object' && step.unsaved?.lease
    if (!isKept) await lease?.release()
  }
}

/** Spends the refresh token, or obtains a token. */
async function request(context: RenewalContext, parent: Snapshot, lease: Lease): Promise<Step> {
  const { token, status, rejection } = parent.state
  const refresh_token = context.canRefresh && status === 'ok' ? token?.info.refresh_token : undefined
  // The unreadable record may contain a newer refresh token.
  if (refresh_token !== undefined && !parent.unreadable) return refresh(context, parent, refresh_token, lease)
  return context.canObtain
    ? obtain(context, parent, lease)
    : requireLogin(context, parent, 'lost_response', rejection)
}

/** Takes note of a snapshot. Returns the result, or whether to wait, if it needs no renewal. */
async function conclude(context: RenewalContext, snapshot: Snapshot): Promise<Step | undefined> {
  context.known = snapshot
  const { record, attempts } = context
  const { status, intent } = snapshot.state
  // Whether the process that may have spent a `suspect` refresh token has ended.
  const isSpenderGone =
    status === 'suspect' &&
    intent !== undefined &&
    intent.owner !== attempts.owner &&
    (await record.isOwnerGone(intent.owner))
  const decision = decideNow(context, snapshot, { isSpenderGone })
  if (decision.action === 'wait') return 'wait'
  const isNeeded =
    decision.action === 'renew' || (decision.action === 'use' && decision.renew && context.isBackground)
  return isNeeded ? undefined : { snapshot }
}
