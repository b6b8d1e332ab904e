// Code that pages do not need. Bundles for browsers contain `platform.browser.ts` instead.
import type { Grant } from '@pds/types'
import { fingerprint } from './record/session-state.ts'
import type { RenewalContext } from './renewal/renewal-context.ts'

/** The fingerprints of the ids of grants: one grant may serve thousands of sessions. */
const fingerprints = new WeakMap<object, { readonly id: string; readonly fingerprint: Promise<string> }>()

/** Returns a fingerprint of the id of a grant. */
export function fingerprintOf(grant: Pick<Grant, 'id'>): Promise<string> {
  const { id = '' } = grant
  const known = fingerprints.get(grant)
  if (known?.id === id) return known.fingerprint
  const created = { id, fingerprint: fingerprint(id) }
  fingerprints.set(grant, created)
  return created.fingerprint
}

export { mayReplace } from './record/may-replace.ts'

/** Runs a step of a renewal: in a pool, when it is its turn. */
export function runInTurn<T>(
  { inTurn, isBackground }: Pick<RenewalContext, 'inTurn' | 'isBackground'>,
  timeout: number,
  run: () => Promise<T>,
): Promise<T> {
  return inTurn ? inTurn(run, timeout, isBackground) : run()
}

const clones = new WeakMap<Response, Response>()

/**
 * Keeps a clone of a response as long as the response. Before 22.21 and 24.8, Node.js cancels the body of a response when
 * its clone is garbage-collected.
 */
export function keepClone(response: Response, clone: Response): void {
  clones.set(response, clone)
}

/** Lets the process end before a timer fires. */
export function unref(timer: ReturnType<typeof setTimeout>): void {
  // Where a timer is a number, it has no such method.
  const { unref } = timer as { unref?(): void }
  unref?.call(timer)
}

export {
  noteCaller,
  observeRenewal,
  observeStoreCall,
  publishCommitLost,
  publishRenewal,
  publishStoreFailure,
  startGrantCall,
} from './diagnostics/observe-renewal.ts'
