import { PDSError } from '@pds/core/internal'
import type { LoginRequiredCause, SessionState } from '../record/session-state.ts'

const reasons: Record<LoginRequiredCause, string> = {
  no_token: 'the session has no token yet: sign in and pass the token to setToken',
  rejected: 'the service rejected the refresh token: sign in again',
  lost_response: 'the response to a refresh was lost: sign in again',
  expired: 'the access token has expired and the session has no refresh token: sign in again',
  signed_out: 'the session was signed out: sign in again and pass the token to setToken',
}

/**
 * Creates the error of a session that needs a login: because of its state, or because its token has expired. The `cause`
 * of the error is a `LoginRequiredCause`.
 */
export function loginRequired(state: SessionState): PDSError {
  const { status, reqId } = state.rejection ?? {}
  const cause = causeOf(state) ?? 'expired'
  const outcome = status === undefined ? 'not-sent' : 'responded'
  return new PDSError(reasons[cause], { code: 'LoginRequired', outcome, status, reqId, cause })
}

/** Returns why a session in this state needs a login, or undefined if it does not. */
export function causeOf({ status, cause = 'rejected' }: SessionState): LoginRequiredCause | undefined {
  if (status === 'new') return 'no_token'
  if (status === 'signed_out') return 'signed_out'
  return status === 'login_required' ? cause : undefined
}

/** Checks whether a value is a `LoginRequiredCause`. */
export function isLoginRequiredCause(value: unknown): value is LoginRequiredCause {
  return typeof value === 'string' && Object.hasOwn(reasons, value)
}
