import { fromEnv, jwtGrant } from '@pds/auth-jwt'
import { createBackend } from '@pds/backend'
import { createTransport } from '@pds/core'
import { createSessions } from '@pds/session'
import { sqliteStore } from '@pds/session-sqlite'
import { userOf } from './login'

// The function is called at the first request: `next build` loads this module without your settings.
export const pds = createBackend(() => {
  const env = fromEnv()
  const app = { transport: createTransport(env.transport), ...env.app, auto_create: true }
  // Next.js loads this module twice, for pages and for routes: the two share the sessions in the file.
  const store = sqliteStore({ path: process.env.SESSIONS_FILE ?? 'sessions.db' })
  return {
    sessions: createSessions({ grant: (user_id) => jwtGrant({ ...app, user_id }), store }),
    userOf: (request) => userOf(request.headers),
    origin: process.env.APP_ORIGIN,
  }
})
