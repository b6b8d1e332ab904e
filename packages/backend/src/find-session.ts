import { invalidParameter } from '@pds/core/internal'
import type { Session } from '@pds/session'
import type { RouteContext } from './routes/route.ts'

/** A session with its key. */
export interface FoundSession {
  readonly key: string
  readonly session: Session
}

/** Returns the session of a request: that of the application's user, or of the cookie. */
export async function findSession({
  request,
  native,
  settings,
}: Omit<RouteContext, 'headers'>): Promise<FoundSession | undefined> {
  const { userOf, signIn, sessions } = settings
  const key = userOf ? await userOf(request, native) : await signIn?.cookies.readSession(request)
  if (key === undefined || key === null || key === '') return undefined
  if (typeof key !== 'string') {
    throw invalidParameter('createBackend: userOf must return the key of a session as a string, or undefined')
  }
  return { key, session: sessions.get(key) }
}
