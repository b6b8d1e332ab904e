import { getUserJwtToken, jwtGrant } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import { createSession, type Session } from '@pds/session'

const { PDS_DOMAIN_ID: domain_id = '', PDS_CLIENT_ID: client_id = '', PDS_PRIVATE_KEY = '' } = process.env
const { PDS_API_ENDPOINT: api_endpoint = `https://${domain_id}.api.aliyunpds.com` } = process.env

const transport = createTransport({ api_endpoint })
const app = { domain_id, client_id, private_key_pem: PDS_PRIVATE_KEY }
const sessions = new Map<string, Session>()

/** The PDS session of a user: one for all requests of all of that user's pages. */
export function sessionOf(user_id: string): Session {
  const known = sessions.get(user_id)
  if (known) return known
  const grant = jwtGrant({ transport, ...app, user_id, auto_create: true })
  // A page does not wait for two minutes, which is the default.
  const session = createSession({ key: user_id, grant, waitTimeout: 20_000 })
  sessions.set(user_id, session)
  return session
}

/** Obtains a user's first token when the user signs in, so that what is wrong with it shows then. */
export async function beginSession(user_id: string): Promise<void> {
  const token = await getUserJwtToken(transport, { ...app, user_id, auto_create: true })
  await sessionOf(user_id).setToken(token)
}

/** Revokes a user's token. After that, the session gives none until it is begun again. */
export async function endSession(user_id: string): Promise<void> {
  await sessionOf(user_id).signOut()
}

/** The token as a page may have it: without the refresh token, which could be used for 7 days. */
export async function tokenForPage(user_id: string, rejected: unknown): Promise<object> {
  const { refresh_token, ...token } = await sessionOf(user_id).getToken({
    ...(typeof rejected === 'string' && { rejected }),
  })
  return token
}

/** Lets go of all sessions, when the server has answered its last request. */
export function closeSessions(): void {
  for (const session of sessions.values()) session.close()
}
