'use client'

import { backendGrant } from '@pds/backend/page'
import { isPDSError } from '@pds/core'
import { PdsProvider, type PdsProviderProps, usePdsFetch, usePdsSession } from '@pds/react'
import { createSession, type Session } from '@pds/session'
import { useRouter } from 'next/navigation'
import { useState } from 'react'

interface Props {
  apiEndpoint: string
  /** What the server knows, which the first render shows. */
  initialState: PdsProviderProps['initialState']
}

export function Account({ apiEndpoint, initialState }: Props) {
  const [session] = useState(() =>
    createSession({ key: 'me', grant: backendGrant(), origins: [apiEndpoint] }),
  )
  return (
    <PdsProvider session={session} initialState={initialState}>
      <User apiEndpoint={apiEndpoint} session={session} />
    </PdsProvider>
  )
}

function User({ apiEndpoint, session }: { apiEndpoint: string; session: Session }) {
  const { status, user, error } = usePdsSession()
  const pdsFetch = usePdsFetch()
  const router = useRouter()
  const [result, setResult] = useState<string>()

  async function callService() {
    try {
      const response = await pdsFetch(`${apiEndpoint}/v2/user/get`, { method: 'POST' })
      const { user_name, code } = await response.json()
      setResult(user_name ?? code)
    } catch (error) {
      setResult(isPDSError(error) ? error.code : String(error))
    }
  }

  async function signOut() {
    await session.signOut()
    // Renders the page on the server, which knows no user any more.
    router.refresh()
  }

  if (status === 'signed_out') return <a href="/pds/sign-in?returnTo=/">Sign in</a>
  if (status !== 'signed_in') return <p role="status">{error?.code ?? status}</p>
  return (
    <>
      <p role="status">Signed in as {user.name}</p>
      <button type="button" onClick={callService}>
        Call the service
      </button>
      <button type="button" onClick={signOut}>
        Sign out
      </button>
      {result && <p>The service says: {result}</p>}
    </>
  )
}
