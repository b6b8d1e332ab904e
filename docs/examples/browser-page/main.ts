// #region imports
import { completeSignIn, oauthGrant, signInWithPopup, signInWithRedirect } from '@pds/auth-oauth'
import { createTransport, isPDSError } from '@pds/core'
import { createSession, encryptedStore } from '@pds/session'
import { webStore, webStoreKey } from '@pds/session-web'

// #endregion imports

// #region session
const { apiEndpoint: api_endpoint, clientId: client_id = '' } = document.documentElement.dataset
const transport = createTransport({ api_endpoint })
const app = { client_id, redirect_uri: `${location.origin}/callback` }

const store = encryptedStore(webStore(), await webStoreKey())
const session = createSession({ key: 'me', grant: oauthGrant({ transport, ...app }), store })
// #endregion session

// #region callback
try {
  const token = await completeSignIn(transport)
  if (token) await session.setToken(token)
} catch (error) {
  explain(error)
}
// #endregion callback

// #region buttons
onClick('#redirect', () => signInWithRedirect(transport, app))

onClick('#popup', async () => {
  // With nothing awaited before, or the browser blocks the window.
  await session.setToken(await signInWithPopup(transport, app))
})

onClick('#sign-out', () => session.signOut())

function onClick(selector: string, run: () => Promise<unknown>): void {
  document.querySelector(selector)?.addEventListener('click', () => run().catch(explain))
}
// #endregion buttons

// #region show
async function show(): Promise<void> {
  const response = await session.fetch(`${transport.api_endpoint}/v2/user/get`, { method: 'POST' })
  if (!response.ok) throw new Error(`the service answered with ${response.status}`)
  const { user_name } = await response.json()
  say(`Signed in as ${user_name}`)
}

function explain(error: unknown): void {
  const code = isPDSError(error) ? error.code : undefined
  if (code === 'LoginRequired') say('Signed out')
  else if (code === 'access_denied' || code === 'PopupClosed') say('You did not sign in')
  else if (code === 'PopupBlocked') say('Allow this page to open a window, or sign in without one')
  else say(`That failed (${code ?? 'see the console'}): try again`)
  if (code === undefined) console.error(error)
}

function say(text: string): void {
  const status = document.querySelector('#status')
  if (status) status.textContent = text
}

// In whichever tab it happened.
for (const event of ['refreshed', 'signed_out', 'login_required'] as const) {
  session.subscribe(event, () => void show().catch(explain))
}
await show().catch(explain)
// #endregion show
