import { fromEnv } from '@pds/auth-jwt'
import { oauthGrant } from '@pds/auth-oauth'
import { createBackend } from '@pds/backend'
import { createTransport } from '@pds/core'
import { createSessions } from '@pds/session'
import { sqliteStore } from '@pds/session-sqlite'

// The function is called at the first request: `next build` loads this module without your settings.
export const pds = createBackend(() => {
  const { transport: options, oauthApp } = fromEnv()
  const transport = createTransport(options)
  const grant = oauthGrant({ transport, ...oauthApp })
  // Next.js loads this module twice, for pages and for routes: the two share the sessions in the file.
  const store = sqliteStore({ path: process.env.SESSIONS_FILE ?? 'sessions.db' })
  return {
    sessions: createSessions({ grant: () => grant, store }),
    signIn: { transport, ...oauthApp, errorPath: '/' },
    cookie: { secret: process.env.COOKIE_SECRET },
  }
})
