import type { Session, SessionStatus } from '@pds/session'
import { type Readable, readable } from 'svelte/store'

export function sessionState(session: Session): Readable<SessionStatus> {
  return readable(session.state, (set) => {
    const unsubscribe = session.subscribe('changed', set)
    set(session.state)
    // Reads the store. For a back end, which knows the user, call session.getToken() instead.
    session.status().catch(() => undefined)
    return unsubscribe
  })
}
