import type { SessionState } from '../record/session-state.ts'
import { loginRequired } from './login-required.ts'
import type { SessionListeners } from './session-events.ts'

/** Tells listeners what is different between two states of a session. */
export function tellChanges(
  listeners: SessionListeners,
  was: SessionState | undefined,
  { status, token, cause = 'rejected', refusal }: SessionState,
  by: 'this' | 'another',
): void {
  if (token && token.info.access_token !== was?.token?.info.access_token) {
    listeners.emit('refreshed', { by, expire_time: new Date(token.expiresAt).toISOString() })
  }
  if (status === was?.status) return
  if (status === 'login_required')
    listeners.emit('login_required', { by, error: loginRequired(cause, refusal) })
  if (status === 'signed_out') listeners.emit('signed_out', { by })
}
