import type { IPDSRequestConfig, PDSTransport } from '@pds/core'
import { checkRequestConfig, checkTransport, invalidParameter, isPDSError } from '@pds/core/internal'
import type { ITokenInfo } from '@pds/types'
import { checkCallback, timingSafeEqual } from './check-callback.ts'
import {
  clearPendingRequest,
  findPendingRequest,
  requirePage,
  savePendingRequest,
} from './pending-request.ts'
import { sendToOpener } from './popup-message.ts'
import { exchangeCode } from './request-grant.ts'
import { signInError } from './sign-in-error.ts'

const method = 'completeSignIn'

/**
 * Completes the sign-in of `signInWithRedirect` or `signInWithPopup` and returns the token. Call it when the page of
 * the redirect URI loads.
 *
 * Before it sends the code, it removes the pending request from sessionStorage and the callback parameters from the
 * page's URL. A reload, the back button or a second call therefore cannot spend the code again. It restores both if the
 * code is unspent: the request was not sent (outcome `not-sent`, for example offline) or the service asked to retry
 * later (status 429 or 503). Another call or a reload then continues the sign-in.
 *
 * In the popup of `signInWithPopup` it sends the callback URL to the page that opened the popup. That page closes the
 * popup, and the promise of this call never settles.
 *
 * @param transport - From `createTransport`, for the server that the sign-in started with.
 * @param options - Options of the token request.
 * @returns The token, or undefined if the page's URL has neither `code` nor `error`.
 * @throws PDSError `SignInNotBegun` if this tab has no pending request with the callback's state: start the sign-in
 * again; `InvalidParameter` if the sign-in started with another server; `NetworkError` if the browser is offline;
 * `UnsupportedEnvironment` outside of a web page; and the errors of `parseCallback` and `getTokenByCode`.
 * @example
 * ```ts
 * import { completeSignIn } from '@pds/auth-oauth'
 * import { createTransport } from '@pds/core'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 * const token = await completeSignIn(transport)
 * if (token) console.log(`Signed in as ${token.user_name}`)
 * ```
 */
export async function completeSignIn(
  transport: PDSTransport,
  options: IPDSRequestConfig = {},
): Promise<ITokenInfo | undefined> {
  requirePage(method)
  // Before the page's URL loses the code.
  checkTransport(method, transport)
  checkRequestConfig(options, method)
  const { href } = location
  const callback = new URL(href)
  const params = callback.searchParams
  if (!params.has('code') && !params.has('error')) return undefined

  // No await until the URL is cleaned: the second of two concurrent calls must find no callback.
  const states = params.getAll('state')
  const pending = findPendingRequest()
  const isPending = pending !== undefined && states.some((state) => timingSafeEqual(state, pending.state))
  const delivered = isPending ? undefined : sendToOpener(window)
  const cleaned = new URL(href)
  for (const name of callbackParams) cleaned.searchParams.delete(name)
  const show = (url: string) => history.replaceState(history.state, '', url)
  show(cleaned.href)
  // Never settles: the page must not start another redirect in a popup that is about to close.
  if (delivered && (await delivered)) return new Promise(() => undefined)
  // Keeps the pending request of another sign-in: its callback may still arrive.
  if (pending === undefined || (states.length > 0 && !isPending)) {
    throw signInError(
      'SignInNotBegun',
      'the sign-in did not start in this tab, or is already complete: start it again in this tab',
    )
  }
  // Sends a code only to the server that issued it (RFC 9700 section 4.4).
  if (!String(pending.url).startsWith(new URL('/', transport.authorization_endpoint).href)) {
    throw invalidParameter(`${method}: the sign-in started with the transport of another server`)
  }
  if (isPending) clearPendingRequest()
  const response = checkCallback(pending, params, callback)
  const wasOffline = navigator.onLine === false
  try {
    return await exchangeCode(method, transport, response, options)
  } catch (reason) {
    // Without a network, browsers fail a request before they send it, but do not say so.
    const isUnsent =
      wasOffline && navigator.onLine === false && isPDSError(reason) && reason.code === 'NetworkError'
    const error = isUnsent
      ? signInError('NetworkError', 'the browser is offline: try again when it is online')
      : reason
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
