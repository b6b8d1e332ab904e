import { oauthGrant } from '@pds/auth-oauth'
import { createTransport, type PDSTransport } from '@pds/core'
import { createSession, encryptedStore, type Session, type Store } from '@pds/session'
import { webStore, webStoreKey } from '@pds/session-web'

/** The SDK objects that the page uses. */
export interface Account {
  transport: PDSTransport
  /** Identifies this application in each sign-in. */
  app: { client_id: string; redirect_uri: string }
  session: Session
  store: Store
}

/** The configuration that the page is deployed with. It contains no secret. */
interface Config {
  api_endpoint: string
  client_id: string
}

// The default database of `webStore` and `webStoreKey`.
const database = 'pds-sessions'
// Other tabs still hold the deleted key. The page could not read what they would write, so they reload.
const tabs = new BroadcastChannel('my-drive')
tabs.onmessage = () => location.reload()

/** Opens the session that the tabs of this browser share. It can be open while no user is signed in. */
export async function openSession(): Promise<Account> {
  const { api_endpoint, client_id } = await loadConfig()
  const transport = createTransport({ api_endpoint })
  const app = { client_id, redirect_uri: `${location.origin}/callback` }
  const store = encryptedStore(webStore(), await webStoreKey())
  const session = createSession({ key: 'me', grant: oauthGrant({ transport, ...app }), store })
  return { transport, app, session, store }
}

/** Deletes the stored session and its key from this browser, and reloads the page in every tab. */
export function deleteStoredSession(): void {
  const request = indexedDB.deleteDatabase(database)
  request.onsuccess = () => {
    tabs.postMessage('deleted')
    location.reload()
  }
  request.onerror = () => location.reload()
}

async function loadConfig(): Promise<Config> {
  const response = await fetch('/config.json')
  if (!response.ok) throw new Error(`config.json: status ${response.status}`)
  return response.json()
}
