import type { PDSError } from '@pds/core'
import type { Lease } from '../record/lease.ts'
import type { SessionRecord } from '../record/session-record.ts'
import type { SessionToken, Snapshot } from '../record/session-state.ts'
import type { SessionLimits } from '../session/session-options.ts'
import type { GrantCalls } from './grant-calls.ts'

/** The part of a session that a renewal uses. */
export interface RenewalContext {
  readonly record: SessionRecord
  readonly calls: GrantCalls
  readonly limits: SessionLimits
  /** Shortens the soft window of this session, in milliseconds; see `drawJitter`. */
  readonly jitter: number
  readonly isClosed: boolean
  /** The owners of intents that may be stored although no request was sent for them. */
  readonly unsent: Set<string>
  /** Returns the server's time, in milliseconds since the Unix epoch. */
  now(): number
  isOnline(): boolean
  /** The last known snapshot of the record, even if the store cannot be read now. */
  readonly known: Snapshot | undefined
  /** Updates `known` with a snapshot, and emits the events that follow. `by` says which session wrote it. */
  learn(snapshot: Snapshot, by: 'this' | 'another'): void
  /**
   * Keeps a token that the store failed to write. Holds the lease until the token is stored, so that other processes do
   * not spend the old refresh token. Returns false if the sign-in has ended.
   */
  keepUnsaved(parent: Snapshot, token: SessionToken, lease: Lease | undefined, error: PDSError): boolean
  /** Revokes a token that no caller will use. */
  revokeUnused(token: SessionToken): void
  /** Emits `login_required` for a login that no stored record requires. */
  announce(error: PDSError): void
  /** Waits for a number of milliseconds, or until the record may have changed. */
  wait(milliseconds: number): Promise<void>
}

/** The result of a step: the run ends with a token, or reads the record again at once ('again') or later ('wait'). */
export type Step = { readonly token: SessionToken | undefined } | 'again' | 'wait'
