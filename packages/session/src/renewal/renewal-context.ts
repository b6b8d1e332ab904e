import type { PDSError } from '@pds/core'
import type { Grant } from '@pds/types'
import type { ObservedRenewal } from '../diagnostics/session-message.ts'
import type { Lease } from '../record/lease.ts'
import type { SessionRecord } from '../record/session-record.ts'
import type { SessionToken, Snapshot } from '../record/session-state.ts'
import type { SessionClock } from '../session/session-clock.ts'
import type { CheckedOptions, SessionLimits } from '../session/session-options.ts'
import type { Backoff } from './backoff.ts'
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
export interface RenewalTools
  extends SessionLimits,
    Pick<CheckedOptions, 'key' | 'inTurn' | 'origins' | 'fetch'> {
  readonly record: SessionRecord
  readonly grant: Grant
  /** Whether the grant can obtain a token without a refresh token. */
  readonly canObtain: boolean
  /** Whether the grant can spend a refresh token. */
  readonly canRefresh: boolean
  readonly clock: SessionClock
  readonly page: PageLife
  readonly pauses: Pauses
  readonly backoff: Backoff
  readonly attempts: Attempts
  /** Shortens the soft window of this session, in milliseconds; see `drawJitter`. */
  readonly jitter: number
  readonly isOnline: () => boolean
  /** Takes note of the result of a response that arrived after its renewal had ended. */
  readonly take: (result: RenewalResult) => void
}

/** One renewal. */
export interface RenewalContext extends RenewalTools {
  /** Undefined if nothing observes the channel `pds:session`. */
  readonly observed?: ObservedRenewal | undefined
  /** The access token that the service rejected. */
  readonly rejected: string | undefined
  /** Whether callers have a valid token, so that the renewal never waits. */
  readonly isBackground: boolean
  /** The last snapshot that this renewal knows. At first, the one that the session knows. */
  known: Snapshot
}

/** The result of a renewal or of one of its writes. */
export interface RenewalResult {
  readonly snapshot: Snapshot
  /** Whether callers get the token of the snapshot: it is new, or the wait for a new one was too long. */
  readonly isUsable?: boolean
  /** A new token that no caller will use, because the sign-in has ended. */
  readonly unused?: SessionToken | undefined
  /** Set if the store failed to write the new token. */
  readonly unsaved?: UnsavedWrite
}

/** A write that the store failed. */
interface UnsavedWrite {
  /** Held until the token is stored, so that other processes do not spend the old refresh token. */
  readonly lease: Lease | undefined
  readonly error: PDSError
}

/**
 * The result of a step. Without a result, the renewal reads the record again: at once ('again') or later ('wait'). After
 * 'offline', it sends nothing more until the browser believes to be online.
 */
export type Step = RenewalResult | 'again' | 'wait' | 'offline'
