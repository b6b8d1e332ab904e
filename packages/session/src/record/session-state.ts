import type { PDSError } from '@pds/core'
import { sha256 } from '@pds/core/internal'
import type { ITokenInfo } from '@pds/types'
import type { SessionClock } from '../session/session-clock.ts'

/**
 * Why a session needs a login:
 *
 * - `no_token`: no user has signed in yet.
 * - `rejected`: the service rejected the refresh token.
 * - `lost_response`: a refresh token was spent, and the new token never reached the store.
 * - `expired`: the access token has expired, and the session has no refresh token.
 * - `signed_out`: the session was signed out.
 */
export type LoginRequiredCause = 'no_token' | 'rejected' | 'lost_response' | 'expired' | 'signed_out'

/** A token, with its times by the server's clock, in milliseconds since the Unix epoch. */
export interface SessionToken {
  readonly info: ITokenInfo
  readonly mintedAt: number
  readonly expiresAt: number
}

/** The parts of the service's error response that its support asks for. */
export interface Rejection {
  readonly status?: number | undefined
  readonly reqId?: string | undefined
}

/** An attempt to spend the refresh token. */
export interface Intent {
  /** The session object that made the attempt, which also is the owner of its leases. */
  readonly owner: string
  /** Counts the attempts of the owner. */
  readonly attempt: number
}

/** The state of a session. Its JSON is the `data` of the stored record. */
export interface SessionState {
  /**
   * - `new`: nothing was ever stored.
   * - `ok`: the session has a token.
   * - `suspect`: the refresh token seems to be spent. The process that spent it may still write the new token.
   * - `login_required`, `signed_out`: only `setToken` starts a new sign-in.
   */
  readonly status: 'new' | 'ok' | 'suspect' | 'login_required' | 'signed_out'
  readonly token?: SessionToken | undefined
  /** Counts the tokens of this sign-in. */
  readonly generation?: number | undefined
  /** Written before a refresh request is sent. From then on, the refresh token may be spent. */
  readonly intent?: Intent | undefined
  /** When a `suspect` refresh token counts as lost, by the server's clock, in milliseconds since the Unix epoch. */
  readonly suspectUntil?: number | undefined
  /** Only with `login_required`. */
  readonly cause?: LoginRequiredCause | undefined
  readonly rejection?: Rejection | undefined
  /** A fingerprint of the token that started this sign-in. `setToken` ignores the same token. */
  readonly seed?: string | undefined
  /** When the user signed in, signed out or needed a login, by the server's clock, in milliseconds since the epoch. */
  readonly since?: number | undefined
}

/** A moment, by the local clock and by `performance.now`, in milliseconds. One of them stops while a machine sleeps. */
export interface Moment {
  readonly wall: number
  readonly steady: number
}

/** Returns the current moment. */
export function momentOf(clock: SessionClock): Moment {
  return { wall: clock.local(), steady: performance.now() }
}

/** Returns the time from one moment to another, in milliseconds. */
export function timeBetween(since: Moment, now: Moment): number {
  return Math.max(now.wall - since.wall, now.steady - since.steady)
}

/** Why a stored record cannot be read. */
interface Unreadable {
  readonly error: PDSError
  /** Whether a newer version of this package wrote the record. */
  readonly isNewer: boolean
}

/** A state as the store returned it or took it. */
export interface Snapshot {
  /** The revision; 0 if nothing is stored. */
  readonly rev: number
  readonly epoch: number
  readonly state: SessionState
  /** When the call of the store started, by `performance.now`. The state was stored at a moment from then to `until`. */
  readonly asOf: number
  /** When the call of the store ended, by `performance.now`. */
  readonly until: number
  /** When the store last had this state. */
  readonly confirmed: Moment
  /** When this session first knew the token pair, by `performance.now`. */
  readonly seenAt: number
  /** Whether this session object wrote the record. It may read the record before it hears that the write succeeded. */
  readonly isOwn?: boolean | undefined
  /** Set if the stored record cannot be read. The state is then the last known one. */
  readonly unreadable?: Unreadable | undefined
  /**
   * Set if the store lacks this state:
   *
   * - `write`: it lost the last write, and the state is written back.
   * - `ask`: the state may be outdated, so the next token of the service decides.
   * - `keep`: the state stays in memory.
   */
  readonly missing?: 'write' | 'ask' | 'keep' | undefined
}

export const emptyState: SessionState = { status: 'new' }

/** Checks whether two snapshots hold the same token pair of the same sign-in. If so, a refresh of it may be written. */
export function isSameToken(a: Snapshot, b: Snapshot): boolean {
  return a.epoch === b.epoch && isSamePair(a.state.token, b.state.token)
}

/** Checks whether two tokens are equal. A token is a pair: some servers replace only one of the two. */
export function isSamePair(a: SessionToken | undefined, b: SessionToken | undefined): boolean {
  return a?.info.access_token === b?.info.access_token && a?.info.refresh_token === b?.info.refresh_token
}

/** Checks whether a snapshot is an earlier state than another one: of an earlier sign-in, or with an earlier token. */
export function isOlder(a: Snapshot, b: Snapshot): boolean {
  const byToken = (a.state.generation ?? 0) - (b.state.generation ?? 0)
  return (a.epoch - b.epoch || byToken) < 0
}

/** Returns a fingerprint of a text that must stay secret: 22 characters of its SHA-256 hash (132 bits). */
export async function fingerprint(text: string): Promise<string> {
  return (await sha256(text)).slice(0, 22)
}
