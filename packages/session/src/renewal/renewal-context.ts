import type { PDSError } from '@pds/core'
import type { Lease } from '../record/lease.ts'
import type { SessionRecord } from '../record/session-record.ts'
import type { SessionToken, Snapshot } from '../record/session-state.ts'
import type { SessionClock } from '../session/session-clock.ts'
import type { SessionLimits } from '../session/session-options.ts'
import type { GrantCalls } from './grant-calls.ts'
import type { PageLife } from './page-life.ts'
import type { Pauses } from './pause.ts'

/** The attempts of a session object to spend refresh tokens, and which of them may have reached the service. */
interface Attempts {
  /** Identifies the session object, as the owner of leases and intents. */
  readonly owner: string
  /** The number of the last attempt. */
  last: number
  /** The number of the last attempt that may have spent a refresh token. */
  lastSent: number
}

/** What all renewals of a session use. */
export interface RenewalTools {
  readonly record: SessionRecord
  readonly calls: GrantCalls
  readonly limits: SessionLimits
  readonly clock: SessionClock
  readonly page: PageLife
  readonly pauses: Pauses
  readonly attempts: Attempts
  /** Shortens the soft window of this session, in milliseconds; see `drawJitter`. */
  readonly jitter: number
  readonly isOnline: () => boolean
  /** Takes the result of a request whose response arrived after the renewal had ended. */
  readonly takeLate: (result: Promise<RenewalResult>) => void
}

/** One renewal. */
export interface RenewalContext extends RenewalTools {
  /** The access token that the service rejected. */
  readonly rejected: string | undefined
  /** Whether callers have a valid token, so that the renewal never waits. */
  readonly isBackground: boolean
  /** The last snapshot that the session knew when the renewal began. */
  readonly known: Snapshot | undefined
}

/** The result of a renewal or of one of its writes. */
export interface RenewalResult {
  readonly snapshot: Snapshot
  /** Which session object wrote the snapshot. */
  readonly by: 'this' | 'another'
  /** A new token that no caller will use, because the sign-in has ended. */
  readonly unused?: SessionToken
  /** A new token that the store failed to write. The snapshot has it. */
  readonly unsaved?: UnsavedWrite
}

/** A write that the store failed. */
export interface UnsavedWrite {
  readonly parent: Snapshot
  readonly token: SessionToken
  /** Held until the token is stored, so that other processes do not spend the old refresh token. */
  readonly lease: Lease | undefined
  readonly error: PDSError
}

/**
 * The result of a step. Without a result, the renewal reads the record again: at once ('again') or later ('wait'). After
 * 'offline', it sends nothing more until the browser believes to be online.
 */
export type Step = RenewalResult | 'again' | 'wait' | 'offline'
