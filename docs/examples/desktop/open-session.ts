import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { oauthGrant } from '@pds/auth-oauth'
import { createTransport, type PDSTransport } from '@pds/core'
import { createSession, encryptedStore, type Session } from '@pds/session'
import { sqliteStore } from '@pds/session-sqlite'
import { keyFromKeychain } from './stand-in-keychain.ts'

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
  close(): void
}

/** Opens the session of this user. All processes of the application share it. */
export function openSession(): Account {
  mkdirSync(MY_DRIVE_FOLDER, { recursive: true, mode: 0o700 })
  const file = sqliteStore({ path: path.join(MY_DRIVE_FOLDER, 'sessions.db') })
  const store = encryptedStore(file, keyFromKeychain(MY_DRIVE_FOLDER))
  const transport = createTransport({ api_endpoint })
  const app = { client_id, redirect_uri }
  const session = createSession({ key: 'me', grant: oauthGrant({ transport, ...app }), store })
  return {
    transport,
    app,
    session,
    close() {
      session.close()
      file.close()
    },
  }
}
