import { oauthGrant } from '@pds/auth-oauth'
import { createTransport, type PDSTransport } from '@pds/core'
import { createSession, encryptedStore, type Session, type Store } from '@pds/session'
import { webStore, webStoreKey } from '@pds/session-web'
import type { Config } from './load-config.ts'

/** All that the page has of the SDK. */
export interface Account {
  transport: PDSTransport
  /** Names this application in each sign-in. */
  app: { client_id: string; redirect_uri: string }
  session: Session
  store: Store
}

/** Opens the session that the tabs of this browser share. Nobody has to be signed in for it. */
export async function openSession({ api_endpoint, client_id }: Config): Promise<Account> {
  const transport = createTransport({ api_endpoint })
  const app = { client_id, redirect_uri: `${location.origin}/callback` }
  const store = encryptedStore(webStore(), await webStoreKey())
  const session = createSession({ key: 'me', grant: oauthGrant({ transport, ...app }), store })
  return { transport, app, session, store }
}
