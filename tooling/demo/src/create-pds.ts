import { oauthGrant } from '@pds/auth-oauth'
import { createBackend } from '@pds/backend'
import { honoHandler } from '@pds/backend/hono'
import { createTransport } from '@pds/core'
import { createSessions } from '@pds/session'
import { Hono } from 'hono'

/** Creates the routes of the back end: those of PDS, and one with the numbers of its sessions. The page shows this code. */
export function createPds({ api_endpoint, secret, ...app }: Settings): Hono {
  const transport = createTransport({ api_endpoint })
  const grant = () => oauthGrant({ transport, ...app })
  const sessions = createSessions({ grant })
  const pds = createBackend({
    sessions,
    signIn: { transport, ...app, errorPath: '/' },
    cookie: { secret },
  })
  const server = new Hono()
  server.all('/pds/*', honoHandler(pds))
  server.get('/stats', async ({ req, json, notFound }) => {
    const session = await pds.sessionOf(req.raw)
    return session ? json(sessions.stats()) : notFound()
  })
  return server
}

/** The settings that a deployed server reads from its environment. */
export interface Settings {
  api_endpoint: string
  client_id: string
  client_secret: string | undefined
  redirect_uri: string
  /** Encrypts the cookies. */
  secret: string
}
