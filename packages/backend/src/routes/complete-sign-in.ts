import { type AuthorizationResponse, getTokenByCode, parseCallback } from '@pds/auth-oauth'
import { isPDSError, PDSError, toBase64Url } from '@pds/core/internal'
import type { PendingSignIn } from '../cookies/backend-cookies.ts'
import { reportError } from '../report-error.ts'
import type { SignInSettings } from '../settings.ts'
import type { RouteContext } from './route.ts'

/**
 * Completes a sign-in: checks the callback against the cookie, exchanges the code, and starts a session with a new random
 * key, which no one can know before (session fixation). Ends the session that the browser had before.
 */
export async function completeSignIn(context: RouteContext, signIn: SignInSettings): Promise<Response> {
  const { request, settings, headers } = context
  const { cookies } = signIn
  const { searchParams } = new URL(request.url)
  const pending = await cookies.readSignIns(request)
  const states = searchParams.getAll('state')
  const current = pending.find(({ state }) => states.includes(state))
  let isUnspent = false
  try {
    const response = checkCallback(searchParams, current ?? pending.at(-1))
    const exchange = getTokenByCode(signIn.transport, { ...response, ...signIn.credentials })
    const token = await exchange.catch((error) => {
      isUnspent = canRetry(error)
      throw error
    })
    const key = toBase64Url(crypto.getRandomValues(new Uint8Array(32)))
    await settings.sessions.get(key).setToken(token)
    headers.append('set-cookie', await cookies.writeSession(key))
    await endSessionBefore(context, signIn)
    return new Response(null, { status: 303, headers: { location: current?.returnTo ?? '/' } })
  } finally {
    // A reload sends an unspent code again, and a forged callback ends no sign-in.
    if (current && !isUnspent) {
      const others = pending.filter((each) => each !== current)
      headers.append('set-cookie', await cookies.writeSignIns(others))
    }
  }
}

/** Checks a callback, and returns the parameters of `getTokenByCode`. */
function checkCallback(callback: URLSearchParams, pending: PendingSignIn | undefined): AuthorizationResponse {
  if (!pending) {
    throw new PDSError('this browser has no sign-in that waits for the callback: sign in again', {
      code: 'SignInNotBegun',
      outcome: 'not-sent',
    })
  }
  // Only the query: behind a proxy, the URL of the request has another origin. The route has compared the path.
  return parseCallback(callback, { ...pending, url: '' })
}

/** Ends the session of the cookie that the new one replaces: no one could end it any more. */
async function endSessionBefore(context: RouteContext, { cookies }: SignInSettings): Promise<void> {
  const { request, settings } = context
  try {
    const key = await cookies.readSession(request)
    if (key !== undefined) await settings.sessions.get(key).signOut()
  } catch (error) {
    // The new session works.
    reportError(error, context)
  }
}

/** Checks whether the code is unspent: it was not sent, or the service asked to retry later. */
function canRetry(error: unknown): boolean {
  return isPDSError(error) && (error.outcome === 'not-sent' || [429, 503].includes(error.status ?? 0))
}
