import type { IPDSRequestConfig, PDSTransport } from '@pds/core'
import { checkRequestConfig, checkTransport, invalidParameter, isPDSError } from '@pds/core/internal'
import type { ITokenInfo } from '@pds/types'
import { checkCallback } from './check-callback.ts'
import {
  checkReturnTo,
  clearPendingRequest,
  findPendingRequest,
  requirePage,
  savePendingRequest,
} from './pending-request.ts'
import { sendCallback } from './popup-channel.ts'
import { exchangeCode } from './request-grant.ts'
import { signInError } from './sign-in-error.ts'

const method = 'completeSignIn'

/** The result of `completeSignIn`. It has a token only if this call completed the sign-in. */
export type SignInResult =
  | {
      /** This call completed the sign-in. */
      status: 'completed'
      /** The token, for `session.setToken`. */
      token: ITokenInfo
      /** The unchanged `returnTo` of `signInWithRedirect`. Its origin is checked again. */
      returnTo?: string | undefined
      /** The `appState` of `signInWithRedirect`. */
      appState?: unknown
    }
  | {
      /**
       * `no-callback`: the page is not the result of a sign-in. `already-handled`: it was, and an earlier call on this
       * page has ended with the token or an error. This says nothing about whether the user is signed in.
       */
      status: 'no-callback' | 'already-handled'
      token?: undefined
      returnTo?: undefined
      appState?: undefined
    }

// A page has one URL, so its calls share these.
let running: Promise<SignInResult> | undefined
let lastOptions: IPDSRequestConfig
let isHandled = false
let isCompleting = false

/** Returns whether a call is completing the sign-in that this tab has started. */
export function isCompletingSignIn(): boolean {
  return isCompleting
}

/**
 * Completes the sign-in of `signInWithRedirect` or `signInWithPopup` and returns the token. Call it when the page of
 * the redirect URI loads.
 *
 * A call during another returns the same promise, and a call after its end returns the status `already-handled`. Thus a
 * component can call it in an effect, which React's StrictMode runs twice, and does not take the second call for a page
 * without a sign-in. Such calls share the transport of the first call, and the options of the last call before the code
 * is sent: the cleanup of the first effect may abort its signal.
 *
 * Before it sends the code, it removes the pending request from sessionStorage and the callback parameters from the
 * page's URL. A reload or the back button therefore cannot spend the code again. It restores both if the code is
 * unspent: the request was not sent (outcome `not-sent`) or the service asked to retry later (status 429 or 503).
 * Another call or a reload then continues the sign-in.
 *
 * In the popup of `signInWithPopup` it sends the callback URL to the page that opened the popup, and closes the popup.
 * Its promise then never settles.
 *
 * @param transport - From `createTransport`, for the server that the sign-in started with.
 * @param options - Options of the token request.
 * @returns The token with the `returnTo` and `appState` of `signInWithRedirect`, or why there is no token.
 * @throws PDSError `SignInNotBegun` if this tab has no pending request with the callback's state, and no page waits for
 * it within 2 seconds: start the sign-in again; `InvalidParameter` if the sign-in started with another server, or a
 * script has changed the pending request; `UnsupportedEnvironment` outside of a web page; and the errors of
 * `parseCallback` and `getTokenByCode`.
 * @example
 * ```ts
 * import { completeSignIn } from '@pds/auth-oauth'
 * import { createTransport } from '@pds/core'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 * const { token, returnTo = '/' } = await completeSignIn(transport)
 * if (token) {
 *   console.log(`Signed in as ${token.user_name}`)
 *   history.replaceState(null, '', returnTo)
 * }
 * ```
 */
export function completeSignIn(
  transport: PDSTransport,
  options: IPDSRequestConfig = {},
): Promise<SignInResult> {
  lastOptions = options
  running ??= handleCallback(transport).finally(() => {
    running = undefined
    isCompleting = false
  })
  return running
}

async function handleCallback(transport: PDSTransport): Promise<SignInResult> {
  requirePage(method)
  // Before the page's URL loses the code.
  checkTransport(method, transport)
  checkRequestConfig(lastOptions, method)
  const { href } = location
  const callback = new URL(href)
  const params = callback.searchParams
  if (!params.has('code') && !params.has('error')) {
    return { status: isHandled ? 'already-handled' : 'no-callback' }
  }

  isHandled = true
  const states = params.getAll('state')
  const pending = findPendingRequest()
  const isPending = pending !== undefined && states.includes(pending.state)
  const cleaned = new URL(href)
  for (const name of callbackParams) cleaned.searchParams.delete(name)
  const show = (url: string | URL) => history.replaceState(history.state, '', url)
  show(cleaned)
  const [state] = states
  // A redirect never waits for a popup's page.
  if (state && !isPending && (await sendCallback(state, href))) {
    close()
    // Never settles: the page must not start another redirect in a popup that is about to close.
    return new Promise(() => undefined)
  }
  // Keeps the pending request of another sign-in: its callback may still arrive.
  if (pending === undefined || (states.length > 0 && !isPending)) {
    throw signInError('SignInNotBegun', 'this tab has no sign-in for the callback: start again')
  }
  // Sends a code only to the server that issued it (RFC 9700 section 4.4).
  if (!String(pending.url).startsWith(new URL('/', transport.authorization_endpoint).href)) {
    throw invalidParameter(`${method}: the sign-in started with the transport of another server`)
  }
  if (isPending) {
    clearPendingRequest()
    isCompleting = true
  }
  const response = checkCallback(pending, params, callback)
  checkReturnTo(method, pending.returnTo)
  // React's StrictMode cleans up the first effect at once, which may abort its signal, and calls again.
  await Promise.resolve()
  try {
    const token = await exchangeCode(method, transport, response, lastOptions)
    return { status: 'completed', token, returnTo: pending.returnTo, appState: pending.appState }
  } catch (error) {
    // Another sign-in or a navigation may have started during the request.
    if (isUnspent(error) && location.href === cleaned.href && !findPendingRequest()) {
      savePendingRequest(pending)
      show(href)
    }
    throw error
  }
}

/** The parameters of RFC 6749 section 4.1.2, RFC 9207 and OpenID Connect Session Management. */
const callbackParams = ['code', 'state', 'error', 'error_description', 'error_uri', 'iss', 'session_state']

/** Checks whether the code is unspent: it was not sent, or the service asked to retry later. */
function isUnspent(error: unknown): boolean {
  return isPDSError(error) && (error.outcome === 'not-sent' || [429, 503].includes(error.status ?? 0))
}
