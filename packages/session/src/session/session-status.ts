import type { PDSError } from '@pds/core'
import type { ITokenInfo } from '@pds/types'
import {
  emptyState,
  type LoginRequiredCause,
  type SessionState,
  type Snapshot,
} from '../record/session-state.ts'
import { causeOf } from '../renewal/login-required.ts'

/** The user of a session, as the token says. */
export interface SessionUser {
  /** The id of the user. */
  readonly id?: string
  /** The name to show: `nick_name` of the token, or `user_name`. */
  readonly name?: string
  /** The role: `user`, `admin` or `superadmin`. */
  readonly role?: string
}

/** The state of a session, without tokens. It is frozen and a new object after each change. */
export interface SessionStatus {
  /**
   * - `unknown`: the session has not read its record yet.
   * - `new`: no token was stored yet, and the grant can obtain one.
   * - `ok`: the session has a token. It may have expired: `getToken` then renews it.
   * - `login_required`: the user has to sign in, because of `cause`.
   * - `signed_out`: the session was signed out.
   */
  readonly status: 'unknown' | 'new' | 'ok' | 'login_required' | 'signed_out'
  /** The user, unless no one is signed in. */
  readonly user?: SessionUser
  /** Why a login is required. */
  readonly cause?: LoginRequiredCause
  /** When the user signed in, signed out or needed a login, by the server's clock, in milliseconds since the epoch. */
  readonly since?: number
  /** When the token expires, by the server's clock, in milliseconds since the epoch. */
  readonly expiresAt?: number
  /** The failure of the last renewal, or why the stored record cannot be read. Absent after a success. */
  readonly error?: PDSError
  /** When the next renewal may be attempted, in milliseconds since the epoch. Until then, callers get `error`. */
  readonly retryAt?: number
}

/** The status of a session that has not read its record yet. */
export const unknownStatus: SessionStatus = { status: 'unknown' }

/** The snapshot of a session that has not read its record yet. Without calls, so that bundlers can remove it. */
export const unknownSnapshot: Snapshot = {
  rev: 0,
  epoch: 0,
  state: emptyState,
  asOf: -1,
  until: -1,
  seenAt: 0,
  confirmed: { wall: 0, steady: 0 },
}

/** Creates the status of a session. `loginCause` is a login that no stored record requires. */
export function createStatus(
  snapshot: Snapshot,
  canObtain: boolean,
  failure: PDSError | undefined,
  loginCause: LoginRequiredCause | undefined,
): SessionStatus {
  const { state, unreadable } = snapshot
  const { token, since } = state
  const error = failure ?? unreadable?.error
  const cause = loginCause ?? (canObtain ? undefined : causeOf(state))
  const isUnknown = !loginCause && (unreadable !== undefined || snapshot === unknownSnapshot)
  const status = statusOf(state.status, isUnknown, cause)
  return Object.freeze({
    status,
    ...(token && { user: userOf(token.info) }),
    ...(status === 'login_required' && cause && { cause }),
    ...(since !== undefined && { since }),
    ...(status === 'ok' && token && { expiresAt: token.expiresAt }),
    ...(error && { error, ...(error.retryAt !== undefined && { retryAt: error.retryAt }) }),
  })
}

function statusOf(
  status: SessionState['status'],
  isUnknown: boolean,
  cause: LoginRequiredCause | undefined,
): SessionStatus['status'] {
  if (status === 'signed_out') return status
  if (status === 'new' && isUnknown) return 'unknown'
  if (cause) return 'login_required'
  return status === 'new' ? status : 'ok'
}

function userOf(info: ITokenInfo): SessionUser {
  const { user_id, nick_name, user_name, role } = info
  const fields = { id: user_id, name: nick_name || user_name, role }
  return Object.freeze(
    Object.fromEntries(Object.entries(fields).filter(([, value]) => typeof value === 'string' && value)),
  )
}
