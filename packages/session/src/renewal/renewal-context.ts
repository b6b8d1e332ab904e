import type { PDSError } from '@pds/core'
import type { Lease, SessionRecord } from '../record/session-record.ts'
import type { SessionToken, Snapshot } from '../record/session-state.ts'
import type { SessionLimits } from '../session/session-options.ts'
import type { GrantCalls } from './grant-calls.ts'

/** What a renewal needs of its session. */
export interface RenewalContext {
  readonly record: SessionRecord
  readonly calls: GrantCalls
  readonly limits: SessionLimits
  /** See `drawJitter`. */
  readonly jitter: number
  readonly isClosed: boolean
  /** The owners of intents that were written, or may have been, and that nothing was sent for. */
  readonly unsent: Set<string>
  /** The server's clock, in milliseconds since the epoch. */
  now(): number
  isOnline(): boolean
  /** What was last known of the record, also where the store cannot be read now. */
  readonly known: Snapshot | undefined
  /** Takes note of what stands in the store, and of who has written it. */
  learn(snapshot: Snapshot, by: 'this' | 'another'): void
  /**
   * Keeps a token that the store did not take, and the lease with it, until it does: nobody else must spend the
   * refresh token that this one was got for. Gives false where the sign-in is over by now.
   */
  keepUnsaved(parent: Snapshot, token: SessionToken, lease: Lease | undefined, error: PDSError): boolean
  /** Revokes a token that nobody will use. */
  revokeUnused(token: SessionToken): void
  /** Tells of a login that is required although no record says so. */
  announce(error: PDSError): void
  /** Waits for a while, or for a hint that the record has changed. In milliseconds. */
  wait(milliseconds: number): Promise<void>
}

/** What came of a step: an end with what it gives, another look at once, or another look after a pause. */
export type Step = { readonly token: SessionToken | undefined } | 'again' | 'wait'
