import path from 'node:path'
import { oauthGrant } from '@pds/auth-oauth'
import { createTransport, type PDSTransport } from '@pds/core'
import { createSession, encryptedStore, type Session } from '@pds/session'
import { keychainKey } from '@pds/session-keychain'
import { sqliteStore } from '@pds/session-sqlite'
import { app, safeStorage } from 'electron'

const { PDS_API_ENDPOINT: api_endpoint = 'https://bj1.api.aliyunpds.com' } = process.env
const { PDS_CLIENT_ID: client_id = 'native-app' } = process.env
const { PDS_REDIRECT_URI: redirect_uri = 'http://127.0.0.1:3000/callback' } = process.env

/** The objects of the SDK that the main process uses. */
export interface Account {
  transport: PDSTransport
  client: { client_id: string; redirect_uri: string }
  session: Session
}

/** Opens the session of this user. The app must be ready. */
export async function openSession(): Promise<Account> {
  const folder = app.getPath('userData')
  const key = await keychainKey({ safeStorage, path: path.join(folder, 'key.json') })
  const store = encryptedStore(sqliteStore({ path: path.join(folder, 'sessions.db') }), key)
  const transport = createTransport({ api_endpoint })
  const client = { client_id, redirect_uri }
  const grant = oauthGrant({ transport, ...client })
  return { transport, client, session: createSession({ key: 'me', grant, store, keepAlive: true }) }
}
