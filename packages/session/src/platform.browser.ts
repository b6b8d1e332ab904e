import type { PDSError } from '@pds/core'
import type { Grant } from '@pds/types'
import type { ObservedRenewal, ObservedStoreCall, StoreMethod } from './diagnostics/session-message.ts'
import { fingerprint, type Snapshot } from './record/session-state.ts'
import type { Store } from './record/store.ts'
import type { RenewalContext } from './renewal/renewal-context.ts'

/** Returns a fingerprint of the id of a grant. It is not cached: a page has few sessions. */
export function fingerprintOf({ id = '' }: Pick<Grant, 'id'>): Promise<string> {
  return fingerprint(id)
}

// See `may-replace.ts`. In milliseconds.
const replacementInterval = 30_000
let replacedAt = Number.NEGATIVE_INFINITY

/** Returns whether this page may replace an unreadable record now. A page has few sessions, so all of them count. */
export function mayReplace(_store: Store, _key: string): boolean {
  const now = performance.now()
  if (now - replacedAt < replacementInterval) return false
  replacedAt = now
  return true
}

/** Runs a step of a renewal: pages have no pools. */
export function runInTurn<T>(
  _context: Pick<RenewalContext, 'inTurn' | 'isBackground'>,
  _timeout: number,
  run: () => Promise<T>,
): Promise<T> {
  return run()
}

/** Does nothing: browsers do not cancel the body of a response when its clone is garbage-collected. */
export function keepClone(_response: Response, _clone: Response): void {}

/** Does nothing: timers do not keep a page open. */
export function unref(_timer: ReturnType<typeof setTimeout>): void {}

/** Does nothing: browsers have no diagnostics channels. */
export function noteCaller(_waiters: { callerSince?: number | undefined }): void {}

/** Does nothing: browsers have no diagnostics channels. */
export function observeRenewal(
  _tools: { readonly key: string },
  _known: { readonly snapshot: Snapshot },
  _rejected: string | undefined,
  _background: boolean,
): ObservedRenewal | undefined {
  return undefined
}

/** Returns no id: browsers have no diagnostics channels. */
export function startGrantCall(_context: {
  readonly observed?: ObservedRenewal | undefined
}): string | undefined {
  return undefined
}

/** Does nothing: browsers have no diagnostics channels. */
export function publishRenewal(
  _observed: ObservedRenewal | undefined,
  _waiters: { callerSince?: number | undefined },
  _result: { readonly snapshot: Snapshot } | PDSError,
): void {}

/** Does nothing: browsers have no diagnostics channels. */
export function publishCommitLost(
  _context: { readonly observed?: ObservedRenewal | undefined },
  _stored: Snapshot,
): void {}

/** Does nothing: browsers have no diagnostics channels. */
export function observeStoreCall(
  _options: { readonly key: string },
  _method: StoreMethod,
): ObservedStoreCall | undefined {
  return undefined
}

/** Does nothing: browsers have no diagnostics channels. */
export function publishStoreFailure(_observed: ObservedStoreCall | undefined, _failure: PDSError): void {}
