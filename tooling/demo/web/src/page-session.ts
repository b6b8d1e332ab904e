import { backendGrant } from '@pds/backend/page'
import { createSession, type Session } from '@pds/session'

/** The base URL of the service. The server writes it into the page. */
export const api_endpoint: string =
  document.querySelector<HTMLMetaElement>('meta[name=api-endpoint]')?.content ?? ''

// In milliseconds.
const timeout = 10_000

/** The link that signs in. The back end redirects to the service, and then back to this page. */
export const signInUrl = '/pds/sign-in?returnTo=/'

const grant = backendGrant()

/** Creates the session of this tab. It keeps its token in memory, and the back end knows the user by a cookie. */
export function createPageSession(): Session {
  return createSession({ key: 'me', grant, origins: [api_endpoint] })
}

/**
 * Renews the token of a session although it is valid: reports it to the back end as rejected. A session that was told so
 * would not use it any more, but the back end renews a token at most every 30 seconds and may respond with 429.
 */
export async function renewNow(session: Session): Promise<void> {
  const rejected = await session.getAccessToken()
  const token = await grant.obtain?.({ rejected, signal: AbortSignal.timeout(timeout), timeout })
  if (token) await session.setToken(token)
}
