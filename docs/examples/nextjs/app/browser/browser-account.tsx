'use client'

import { completeSignIn, isSignInPending, oauthGrant, signInWithRedirect } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import { PdsProvider, usePdsSession } from '@pds/react'
import { createSession, type Session } from '@pds/session'
import { webStore } from '@pds/session-web'
import { useState } from 'react'

interface Props {
  apiEndpoint: string
  clientId: string
}

export function BrowserAccount({ apiEndpoint, clientId }: Props) {
  // Also runs on the server, where the store is empty and the status is `loading`.
  const [{ transport, session }] = useState(() => {
    const transport = createTransport({ api_endpoint: apiEndpoint })
    const grant = oauthGrant({ transport, client_id: clientId })
    return { transport, session: createSession({ key: 'me', grant, store: webStore() }) }
  })
  const signIn = () =>
    signInWithRedirect(transport, { client_id: clientId, redirect_uri: `${location.origin}/browser` })
  return (
    <PdsProvider
      session={session}
      completeSignIn={() => completeSignIn(transport)}
      isSignInPending={isSignInPending}
    >
      <User session={session} signIn={signIn} />
    </PdsProvider>
  )
}

function User({ session, signIn }: { session: Session; signIn: () => Promise<unknown> }) {
  const { status, user, error } = usePdsSession()
  if (status === 'signed_in') {
    return (
      <>
        <p role="status">Signed in as {user.name}</p>
        <button type="button" onClick={session.signOut}>
          Sign out
        </button>
      </>
    )
  }
  return (
    <>
      <p role="status">{error?.code ?? status}</p>
      {(status === 'signed_out' || status === 'error') && (
        <button type="button" onClick={signIn}>
          Sign in
        </button>
      )}
    </>
  )
}
