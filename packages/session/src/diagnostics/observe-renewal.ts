import type { PDSError } from '@pds/core'
import {
  createCallId,
  type DiagnosticsChannel,
  isPDSError,
  listFields,
  openChannel,
} from '@pds/core/internal'
import { isSamePair, type SessionToken, type Snapshot } from '../record/session-state.ts'
import { causeOf, loginRequired } from '../renewal/login-required.ts'
import type {
  ObservedRenewal,
  ObservedStoreCall,
  SessionMessage,
  SessionRenewalMessage,
  SessionRenewalReason,
  StoreMethod,
} from './session-message.ts'

/** The callers that wait for a renewal. */
interface Waiters {
  /** When the first caller started to wait, by `performance.now`. */
  callerSince?: number | undefined
}

let channel: DiagnosticsChannel<SessionMessage> | undefined

/** Returns whether something observes the channel `pds:session`. */
function isObserved(): boolean {
  channel ??= openChannel('pds:session', describe)
  return channel.isObserved
}

/** Notes that a caller waits for a renewal. */
export function noteCaller(waiters: Waiters): void {
  if (isObserved()) waiters.callerSince ??= performance.now()
}

/** Observes a renewal of the token of `snapshot`. Returns undefined if nothing observes the channel. */
export function observeRenewal(
  { key }: { readonly key: string },
  { snapshot }: { readonly snapshot: Snapshot },
  rejected: string | undefined,
  background: boolean,
): ObservedRenewal | undefined {
  if (!isObserved()) return undefined
  const { token } = snapshot.state
  const reason = reasonOf(token, rejected, background)
  return { key, reason, background, token, startedAt: performance.now(), callIds: [] }
}

/** Returns an id for a call of the grant, or undefined if the renewal is not observed. */
export function startGrantCall({
  observed,
}: {
  readonly observed?: ObservedRenewal | undefined
}): string | undefined {
  const callId = observed && createCallId()
  if (callId) observed.callIds.push(callId)
  return callId
}

/** Publishes the result or the error of a renewal. */
export function publishRenewal(
  observed: ObservedRenewal | undefined,
  waiters: Waiters,
  result: { readonly snapshot: Snapshot } | PDSError,
): void {
  const { callerSince } = waiters
  // An idle session needs no such field.
  if (callerSince !== undefined) waiters.callerSince = undefined
  if (!observed) return
  channel?.publish(() => {
    const { key, reason, background, startedAt, callIds } = observed
    const now = performance.now()
    const { outcome, error } = resultOf(observed, result)
    const { code, message, reqId } = error ?? {}
    return {
      type: 'renewal',
      key,
      reason,
      background,
      outcome,
      code,
      message,
      reqId,
      waited: callerSince === undefined ? 0 : Math.round(now - callerSince),
      duration: Math.round(now - startedAt),
      attempts: callIds.length,
      callIds: [...callIds],
    }
  })
}

/** Publishes that a new token was not stored, because the state of `stored` was stored since. */
export function publishCommitLost(
  { observed }: { readonly observed?: ObservedRenewal | undefined },
  { state }: Snapshot,
): void {
  if (!observed) return
  const { key, startedAt, callIds } = observed
  const { status } = state
  channel?.publish(() => ({
    type: 'commit_lost',
    key,
    stored: status === 'signed_out' || status === 'login_required' ? status : 'another_token',
    duration: Math.round(performance.now() - startedAt),
    attempts: callIds.length,
    callId: callIds.at(-1),
  }))
}

/** Observes a call of the store. Returns undefined if nothing observes the channel. */
export function observeStoreCall(
  { key }: { readonly key: string },
  method: StoreMethod,
): ObservedStoreCall | undefined {
  return isObserved() ? { key, method, startedAt: performance.now() } : undefined
}

/** Publishes the failure of a call of the store. */
export function publishStoreFailure(
  observed: ObservedStoreCall | undefined,
  { code, message }: PDSError,
): void {
  if (!observed) return
  const { key, method, startedAt } = observed
  const duration = Math.round(performance.now() - startedAt)
  channel?.publish(() => ({ type: 'store_failure', key, method, code, message, duration }))
}

function reasonOf(
  token: SessionToken | undefined,
  rejected: string | undefined,
  background: boolean,
): SessionRenewalReason {
  if (!token) return 'missing'
  // In the background, a token is passed as rejected to renew it although it is valid.
  if (rejected === token.info.access_token) return background ? 'early' : 'rejected'
  return background ? 'expiring' : 'expired'
}

function resultOf(
  { token }: ObservedRenewal,
  result: { readonly snapshot: Snapshot } | PDSError,
): { outcome: SessionRenewalMessage['outcome']; error?: PDSError } {
  if (isPDSError(result)) return { outcome: 'failed', error: result }
  const { state, isOwn } = result.snapshot
  if (causeOf(state)) return { outcome: 'failed', error: loginRequired(state) }
  if (isSamePair(state.token, token)) return { outcome: 'unchanged' }
  return { outcome: isOwn ? 'renewed' : 'adopted' }
}

/** Returns the line that `NODE_DEBUG=pds` prints for a renewal. */
function describe(message: SessionMessage): string | undefined {
  if (message.type !== 'renewal') return undefined
  const { key, outcome, code, reason, waited, duration, attempts, callIds, reqId } = message
  const fields = {
    reason,
    waited: `${waited} ms`,
    attempts,
    duration: `${duration} ms`,
    callIds: callIds.join(' ') || undefined,
    reqId,
  }
  return `renewal of session ${JSON.stringify(key)} ${outcome}${code ? `: ${code}` : ''} ${listFields(fields)}`
}
