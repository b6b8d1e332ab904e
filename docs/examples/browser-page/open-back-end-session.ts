import { backendGrant } from '@pds/backend/page'
import { createSession, type Session } from '@pds/session'

/** Opens a session that gets its tokens from the back end of the page, which identifies its user by a cookie. */
export function openBackEndSession(api_endpoint: string): Session {
  // The session may send the token to these origins.
  return createSession({ key: 'me', grant: backendGrant(), origins: [api_endpoint] })
}
