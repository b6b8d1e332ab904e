import type { PDSError } from '@pds/core'
import type { ITokenInfo } from '@pds/types'
import type { LoginRequiredCause, Snapshot } from '../record/session-state.ts'

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

/** Creates the status of a session. `loginCause` is a login that no stored record requires. */
export function createStatus(
  snapshot: Snapshot | undefined,
  canObtain: boolean,
  failure: PDSError | undefined,
  loginCause: LoginRequiredCause | undefined,
): SessionStatus {
  const { state, unreadable } = snapshot ?? {}
  const { token, since } = state ?? {}
  const error = failure ?? unreadable?.error
  const [status, cause] = statusOf(snapshot, canObtain, loginCause)
  const isSignedIn = status === 'ok' || (status === 'login_required' && token !== undefined)
  return Object.freeze({
    status,
    ...(isSignedIn && token && { user: userOf(token.info) }),
    ...(cause !== undefined && { cause }),
    ...(since !== undefined && { since }),
    ...(status === 'ok' && token && { expiresAt: token.expiresAt }),
    ...(error && { error, ...(error.retryAt !== undefined && { retryAt: error.retryAt }) }),
  })
}

function statusOf(
  snapshot: Snapshot | undefined,
  canObtain: boolean,
  loginCause: LoginRequiredCause | undefined,
): [SessionStatus['status'], LoginRequiredCause?] {
  if (!snapshot) return ['unknown']
  const { status, cause = 'rejected' } = snapshot.state
  if (status === 'signed_out') return [status]
  if (loginCause !== undefined) return ['login_required', loginCause]
  if (status === 'login_required' && !canObtain) return [status, cause]
  if (status === 'new') {
    if (snapshot.unreadable) return ['unknown']
    return canObtain ? ['new'] : ['login_required', 'no_token']
  }
  return ['ok']
}

function userOf(info: ITokenInfo): SessionUser {
  const { user_id, nick_name, user_name, role } = info
  const fields = { id: user_id, name: nick_name || user_name, role }
  return Object.freeze(Object.fromEntries(Object.entries(fields).filter(([, value]) => isText(value))))
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
