import { getUserJwtToken, jwtGrant } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import { createSessions } from '@pds/session'

const { PDS_DOMAIN_ID: domain_id = '', PDS_CLIENT_ID: client_id = '', PDS_PRIVATE_KEY = '' } = process.env
const { PDS_API_ENDPOINT: api_endpoint = `https://${domain_id}.api.aliyunpds.com` } = process.env

const transport = createTransport({ api_endpoint })
const app = { domain_id, client_id, private_key_pem: PDS_PRIVATE_KEY, auto_create: true }

/** The PDS sessions of all users. All requests of a user's pages share one session. */
export const users = createSessions({
  grant: (user_id) => jwtGrant({ transport, ...app, user_id }),
  // The default of two minutes is too long for a page.
  waitTimeout: 20_000,
})

/** Gets a user's first token when the user signs in, so that an invalid key or setting fails here. */
export async function beginSession(user_id: string): Promise<void> {
  const token = await getUserJwtToken(transport, { ...app, user_id })
  await users.get(user_id).setToken(token)
}

/** Revokes a user's token. The session returns no token until `beginSession` is called again. */
export async function endSession(user_id: string): Promise<void> {
  await users.get(user_id).signOut()
}

/** Returns the token for a page, without the refresh token, which is valid for 7 days. */
export async function tokenForPage(user_id: string, rejected: unknown): Promise<object> {
  const { refresh_token, ...token } = await users.get(user_id).getToken({
    ...(typeof rejected === 'string' && { rejected }),
  })
  return token
}

/** Waits for calls and renewals, then closes all sessions. Call it after the server has sent its last response. */
export async function closeSessions(): Promise<void> {
  await users.close()
}
