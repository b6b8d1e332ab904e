import { isPDSError } from '@pds/core/fetch'
import type { Session } from '@pds/session'
import { useEffect, useRef, useState } from 'react'
import { onOtherTab, type TabMessage } from './other-tabs.ts'
import { createPageSession } from './page-session.ts'
import { usePageState } from './page-state.tsx'

/**
 * Returns the session of this tab. After another tab has changed something, it is another session, which has asked the
 * back end for the current user and token.
 */
export function useTabSession(first: Session): Session {
  const [session, setSession] = useState(first)
  const current = useRef(session)
  const { note, dismiss } = usePageState()

  useEffect(() => {
    current.current = session
  }, [session])

  useEffect(() => {
    let turns = 0

    /** Returns whether the back end has responded, and no later call has started. */
    async function reopen(): Promise<boolean> {
      const turn = ++turns
      const next = createPageSession()
      try {
        await next.getToken()
      } catch (error) {
        if (!isPDSError(error) || error.code !== 'LoginRequired') return false
      }
      if (turn === turns) setSession(next)
      return turn === turns
    }

    async function follow(message: TabMessage): Promise<void> {
      const { status, user } = current.current.state
      const isSignedIn = status === 'ok'
      if (message.type === 'signed_in') {
        if ((isSignedIn && user?.id === message.user_id) || !(await reopen())) return
        dismiss()
        note({ kind: 'signedInElsewhere' })
      } else if (isSignedIn && (await reopen())) {
        note({ kind: message.type === 'renewed' ? 'renewedElsewhere' : 'signedOutElsewhere' })
      }
    }

    /** A tab that was suspended has received no messages. */
    function resume(): void {
      const { status } = current.current.state
      const isSignedOut = status === 'login_required' || status === 'signed_out'
      if (document.visibilityState === 'visible' && isSignedOut) void reopen()
    }
    const restore = ({ persisted }: PageTransitionEvent) => void (persisted && reopen())

    const stop = onOtherTab((message) => void follow(message))
    document.addEventListener('visibilitychange', resume)
    addEventListener('pageshow', restore)
    return () => {
      stop()
      document.removeEventListener('visibilitychange', resume)
      removeEventListener('pageshow', restore)
    }
  }, [note, dismiss])

  return session
}
