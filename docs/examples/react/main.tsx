import { completeSignIn, isSignInPending, oauthGrant, signInWithRedirect } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import { PdsProvider, usePdsSession } from '@pds/react'
import { createSession } from '@pds/session'
import { webStore } from '@pds/session-web'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { UserName } from './user-name.tsx'

const { apiEndpoint: api_endpoint, clientId: client_id } = document.documentElement.dataset
if (!client_id) throw new Error('the page has no data-client-id')
const transport = createTransport({ api_endpoint })
const app = { client_id, redirect_uri: `${location.origin}/callback` }
const session = createSession({ key: 'me', grant: oauthGrant({ transport, ...app }), store: webStore() })

// #region page
function Page() {
  const { status, error, retry } = usePdsSession()
  const signIn = () => signInWithRedirect(transport, { ...app, returnTo: location.pathname })
  if (status === 'signed_in') return <UserName api_endpoint={transport.api_endpoint} />
  if (status === 'signed_out') return <Button onClick={signIn}>Sign in</Button>
  if (status === 'error') return <Button onClick={retry}>{`${error.code}: try again`}</Button>
  return <p>{status === 'signing_in' ? 'Signing in' : 'Loading'}</p>
}

function Button(props: { onClick: () => unknown; children: string }) {
  return <button type="button" {...props} />
}
// #endregion page

// #region provider
const root = document.body.appendChild(document.createElement('main'))
createRoot(root).render(
  <StrictMode>
    <PdsProvider
      session={session}
      completeSignIn={() => completeSignIn(transport)}
      isSignInPending={isSignInPending}
      onSignIn={({ returnTo = '/' }) => history.replaceState(null, '', returnTo)}
    >
      <Page />
      <Button onClick={session.signOut}>Sign out</Button>
    </PdsProvider>
  </StrictMode>,
)
// #endregion provider
