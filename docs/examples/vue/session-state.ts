import type { Session, SessionStatus } from '@pds/session'
import { onScopeDispose, type ShallowRef, shallowRef } from 'vue'

export function sessionState(session: Session): ShallowRef<SessionStatus> {
  const state = shallowRef(session.state)
  const unsubscribe = session.subscribe('changed', (changed) => {
    state.value = changed
  })
  onScopeDispose(unsubscribe)
  // Reads the store. For a back end, which knows the user, call session.getToken() instead.
  session.status().catch(() => undefined)
  return state
}
