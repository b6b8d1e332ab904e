import { getUserJwtToken, jwtGrant } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import { createSession, type Session } from '@pds/session'

const { PDS_DOMAIN_ID: domain_id = '', PDS_CLIENT_ID: client_id = '', PDS_PRIVATE_KEY = '' } = process.env
const { PDS_API_ENDPOINT: api_endpoint = `https://${domain_id}.api.aliyunpds.com` } = process.env

const transport = createTransport({ api_endpoint })
const app = { domain_id, client_id, private_key_pem: PDS_PRIVATE_KEY }
const sessions = new Map<string, Session>()

/** Returns the PDS session of a user, which all requests of the user's pages share. */
export function sessionOf(user_id: string): Session {
  const known = sessions.get(user_id)
  if (known) return known
  const grant = jwtGrant({ transport, ...app, user_id, auto_create: true })
  // The default of two minutes is too long for a page.
  const session = createSession({ key: user_id, grant, waitTimeout: 20_000 })
  sessions.set(user_id, session)
  return session
}

/** Gets a user's first token when the user signs in, so that an invalid key or setting fails here. */
export async function beginSession(user_id: string): Promise<void> {
  const token = await getUserJwtToken(transport, { ...app, user_id, auto_create: true })
  await sessionOf(user_id).setToken(token)
}

/** Revokes a user's token. The session returns no token until `beginSession` is called again. */
export async function endSession(user_id: string): Promise<void> {
  await sessionOf(user_id).signOut()
}

/** Returns the token for a page, without the refresh token, which is valid for 7 days. */
export async function tokenForPage(user_id: string, rejected: unknown): Promise<object> {
  const { refresh_token, ...token } = await sessionOf(user_id).getToken({
    ...(typeof rejected === 'string' && { rejected }),
  })
  return token
}

/** Closes all sessions. Call it after the server has sent its last response. */
export function closeSessions(): void {
  for (const session of sessions.values()) session.close()
}
