import { findSession } from '../find-session.ts'
import type { RouteContext } from './route.ts'

/** Signs the user out: revokes the token, and removes the cookie even if that fails. */
export async function signOut(context: RouteContext): Promise<Response> {
  const { settings, headers } = context
  const found = await findSession(context)
  if (settings.signIn) headers.append('set-cookie', await settings.signIn.cookies.writeSession(undefined))
  await found?.session.signOut()
  return new Response(null, { status: 204 })
}
