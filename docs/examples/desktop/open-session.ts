import { homedir } from 'node:os'
import path from 'node:path'
import { oauthGrant } from '@pds/auth-oauth'
import { createTransport, type PDSTransport } from '@pds/core'
import { createSession, encryptedStore, type Session } from '@pds/session'
import { keychainKey } from '@pds/session-keychain'
import { sqliteStore } from '@pds/session-sqlite'

// The domain, the ID of the application and its registered redirect URI are part of the program. They are no secrets.
const { PDS_API_ENDPOINT: api_endpoint = 'https://bj1.api.aliyunpds.com' } = process.env
const { PDS_CLIENT_ID: client_id = 'native-app' } = process.env
const { PDS_REDIRECT_URI: redirect_uri = 'http://127.0.0.1:3000/callback' } = process.env
const { MY_DRIVE_FOLDER = path.join(homedir(), '.my-drive') } = process.env

/** The objects of the SDK that the application uses. */
export interface Account {
  transport: PDSTransport
  /** Identifies this application in a sign-in. */
  app: { client_id: string; redirect_uri: string }
  session: Session
}

/** Opens the session of this user. All processes of the application share it. */
export async function openSession(): Promise<Account> {
  const keyFile = path.join(MY_DRIVE_FOLDER, 'key.json')
  // Creates the folder, too.
  const key = await keychainKey('com.example.my-drive', { fallback: 'file', path: keyFile })
  // Stays open until the process ends: a renewal in the background may still have to write its token.
  const file = sqliteStore({ path: path.join(MY_DRIVE_FOLDER, 'sessions.db') })
  const transport = createTransport({ api_endpoint })
  const app = { client_id, redirect_uri }
  const grant = oauthGrant({ transport, ...app })
  return { transport, app, session: createSession({ key: 'me', grant, store: encryptedStore(file, key) }) }
}
