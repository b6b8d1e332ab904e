// #region imports
import { completeSignIn, oauthGrant, signInWithPopup, signInWithRedirect } from '@pds/auth-oauth'
import { createTransport, isPDSError } from '@pds/core'
import { createSession, encryptedStore } from '@pds/session'
import { webStore, webStoreKey } from '@pds/session-web'

// #endregion imports

// #region session
const { apiEndpoint: api_endpoint, clientId: client_id } = document.documentElement.dataset
if (!client_id) throw new Error('the page has no data-client-id')

const transport = createTransport({ api_endpoint })
const app = { client_id, redirect_uri: `${location.origin}/callback` }

const store = encryptedStore(webStore(), await webStoreKey())
const session = createSession({ key: 'me', grant: oauthGrant({ transport, ...app }), store })
// #endregion session

// #region callback
try {
  const { token } = await completeSignIn(transport)
  if (token) await session.setToken(token)
} catch (error) {
  showError(error)
}
// #endregion callback

// #region buttons
onClick('#redirect', () => signInWithRedirect(transport, app))

onClick('#popup', async () => {
  // Do not await anything before this call, or the browser blocks the window.
  await session.setToken(await signInWithPopup(transport, app))
})

onClick('#sign-out', () => session.signOut())

function onClick(selector: string, run: () => Promise<unknown>): void {
  document.querySelector(selector)?.addEventListener('click', () => run().catch(showError))
}
// #endregion buttons

// #region show
async function showUser(): Promise<void> {
  const response = await session.fetch(`${transport.api_endpoint}/v2/user/get`, { method: 'POST' })
  if (!response.ok) throw new Error(`the service responded with ${response.status}`)
  const { user_name } = await response.json()
  showStatus(`Signed in as ${user_name}`)
}

function showError(error: unknown): void {
  const code = isPDSError(error) ? error.code : undefined
  if (code === 'LoginRequired') showStatus('Signed out')
  else if (code === 'access_denied' || code === 'PopupClosed') showStatus('You did not sign in')
  else if (code === 'PopupBlocked') showStatus('Allow this page to open a window, or sign in without a popup')
  else showStatus(`Request failed (${code ?? 'see the console'}): try again`)
  if (code === undefined) console.error(error)
}

function showStatus(text: string): void {
  const status = document.querySelector('#status')
  if (status) status.textContent = text
}

// These events also report changes by other tabs.
for (const event of ['refreshed', 'signed_out', 'login_required'] as const) {
  session.subscribe(event, () => void showUser().catch(showError))
}
await showUser().catch(showError)
// #endregion show
