import { PDSError } from '@pds/core/internal'
import type { LoginRequiredCause, SessionState } from '../record/session-state.ts'

const reasons: Record<LoginRequiredCause, string> = {
  no_token: 'the session has no token yet: sign in, and give the token to setToken',
  rejected: 'the service took the refresh token no longer: sign in again',
  lost_response: 'the answer to a refresh was lost, and the refresh token with it: sign in again',
  expired: 'the access token has expired, and there is no refresh token: sign in again',
  signed_out: 'the session was signed out: sign in again, and give the token to setToken',
}

/** The error of a session that cannot go on without a login. Its `cause` is a `LoginRequiredCause`. */
export function loginRequired(
  cause: LoginRequiredCause,
  { status, reqId }: SessionState['rejection'] = {},
): PDSError {
  const outcome = status === undefined ? 'not-sent' : 'responded'
  return new PDSError(reasons[cause], { code: 'LoginRequired', outcome, status, reqId, cause })
}

/** Why a session in this state has no token, where it has none and cannot get one by itself. */
export function causeOf({ status, cause = 'rejected' }: SessionState): LoginRequiredCause | undefined {
  if (status === 'new') return 'no_token'
  if (status === 'signed_out') return 'signed_out'
  return status === 'login_required' ? cause : undefined
}
