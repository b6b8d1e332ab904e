import { PdsProvider, usePdsSession } from '@pds/react'
import type { Session } from '@pds/session'
import { useEffect, useRef } from 'react'
import type { Explanation } from './explain-error.ts'
import { LanguageProvider, useTexts } from './language.tsx'
import { tellOtherTabs } from './other-tabs.ts'
import { PageStateProvider, usePageState } from './page-state.tsx'
import { Account } from './parts/account.tsx'
import { Failed } from './parts/failed.tsx'
import { Footer, Header } from './parts/frame.tsx'
import { MessageBar } from './parts/message-bar.tsx'
import { Welcome } from './parts/welcome.tsx'
import { useSessionEvents } from './use-session-events.ts'
import { useTabSession } from './use-tab-session.ts'

interface AppProps {
  /** The session of this tab. */
  session: Session
  /** Why the sign-in failed from which the browser has returned. */
  failedSignIn: Explanation | undefined
}

/** The page. */
export function App(props: AppProps) {
  return (
    <LanguageProvider>
      <PageStateProvider>
        <Page {...props} />
      </PageStateProvider>
    </LanguageProvider>
  )
}

function Page({ session: first, failedSignIn }: AppProps) {
  const session = useTabSession(first)
  useSessionEvents(session)
  const { warn } = usePageState()
  // After the first render: screen readers announce changes only.
  useEffect(() => {
    if (failedSignIn) warn(failedSignIn)
  }, [failedSignIn, warn])
  return (
    <PdsProvider session={session}>
      <Header />
      <Main session={session} />
      <Footer />
      <MessageBar />
    </PdsProvider>
  )
}

function Main({ session }: { session: Session }) {
  const texts = useTexts()
  const { say } = usePageState()
  const { status, user, error, retry } = usePdsSession()
  const before = useRef<typeof status>(undefined)
  const name = user?.name

  useEffect(() => {
    const isFirst = before.current === undefined || before.current === 'loading'
    if (before.current === status) return
    before.current = status
    // The focused element was removed.
    if (!isFirst && document.activeElement === document.body) document.querySelector('h1')?.focus()
    if (!isFirst || status !== 'signed_in') return
    tellOtherTabs({ type: 'signed_in', user_id: user?.id })
  }, [status, user])

  useEffect(() => {
    if (name !== undefined) say(({ done }) => done.signedIn(name))
  }, [name, say])

  return (
    <main id="main" tabIndex={-1}>
      {status === 'signed_in' ? (
        <Account key={user.id} session={session} user={user} />
      ) : status === 'signed_out' ? (
        <Welcome />
      ) : status === 'error' ? (
        <Failed error={error} retry={retry} />
      ) : (
        <p className="loading" role="status">
          {texts.loading}
        </p>
      )}
    </main>
  )
}
