import type { LoginRequiredCause, Session } from '@pds/session'
import { useEffect } from 'react'
import { explainEnd, explainError } from './explain-error.ts'
import { tellOtherTabs } from './other-tabs.ts'
import { usePageState } from './page-state.tsx'

/** Adds the events of a session to the activity, and explains the end of a sign-in. */
export function useSessionEvents(session: Session): void {
  const { note, warn } = usePageState()
  useEffect(() => {
    let hasToken = session.state.status === 'ok'
    const stops = [
      session.subscribe('refreshed', () => {
        note({ kind: hasToken ? 'renewed' : 'received' })
        hasToken = true
      }),
      session.subscribe('login_required', ({ error }) => {
        // A first visit needs no warning.
        if (!hasToken) return
        hasToken = false
        tellOtherTabs({ type: 'signed_out' })
        note({ kind: 'ended' })
        warn(explainEnd(error.cause as LoginRequiredCause))
      }),
      session.subscribe('signed_out', () => {
        hasToken = false
      }),
      session.subscribe('error', ({ error }) => {
        if (error.code !== 'LoginRequired') note({ kind: 'failed', key: explainError(error).key })
      }),
    ]
    return () => stops.forEach((stop) => void stop())
  }, [session, note, warn])
}
