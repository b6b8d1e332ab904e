import type { IPDSRequestConfig, PDSTransport } from '@pds/core'
import { invalidParameter, isPDSError, PDSError } from '@pds/core/internal'
import type { ITokenInfo } from '@pds/types'
import { getTokenByCode } from './get-token-by-code.ts'
import { parseCallback, timingSafeEqual } from './parse-callback.ts'
import {
  clearPendingRequest,
  findPendingRequest,
  requirePage,
  savePendingRequest,
} from './pending-request.ts'
import { sendToOpener } from './popup-message.ts'

/**
 * Completes the sign-in that `signInWithRedirect` or `signInWithPopup` began, on the page of the redirect URI.
 *
 * Before anything is sent, the request is taken out of sessionStorage and the answer out of the address: neither a
 * reload nor the back button nor a second call spends the code again. Where nothing could be sent (outcome `not-sent`, as
 * offline) or the service asks to come back later (status 429 or 503) both are put back, so that another call or a reload
 * goes on. In the window of `signInWithPopup` it hands the answer to the page that opened it, which closes the window,
 * and never settles.
 *
 * @param transport - From `createTransport`, as when the sign-in began.
 * @param options - Options of the exchange of the code.
 * @returns The token, or undefined where the address is no callback: it has neither `code` nor `error`.
 * @throws PDSError `SignInNotBegun` where this tab has no request with the callback's state: begin again;
 * `InvalidParameter` where the transport is to another server than the sign-in began with; `NetworkError` where the
 * browser is offline; what `parseCallback` and `getTokenByCode` throw; `UnsupportedEnvironment` where there is no page.
 */
export async function completeSignIn(
  transport: PDSTransport,
  options?: IPDSRequestConfig,
): Promise<ITokenInfo | undefined> {
  const page = requirePage('completeSignIn')
  const { href } = page.location
  const callback = new URL(href)
  const params = callback.searchParams
  if (!params.has('code') && !params.has('error')) return undefined

  // Nothing is awaited between the look at the address and its cleaning: of two calls at once one finds it clean.
  const states = params.getAll('state')
  const pending = findPendingRequest(page)
  const isOurs = pending !== undefined && states.some((state) => timingSafeEqual(state, pending.state))
  const handedOver = isOurs ? undefined : sendToOpener(page)
  const cleaned = withoutCallbackParams(callback)
  page.history.replaceState(page.history.state, '', cleaned)
  // What the page does without a token, such as another redirect, is not to happen in a window that is closing.
  if (handedOver && (await handedOver)) return new Promise(() => undefined)
  // Another sign-in's request waits on: its callback may still come.
  if (pending === undefined || (states.length > 0 && !isOurs)) {
    throw failure(
      'SignInNotBegun',
      'the sign-in did not begin in this tab, or is done already: begin again in this tab',
    )
  }
  // A code goes to nobody but the server that gave it (RFC 9700 section 4.4).
  if (!URL.canParse(pending.url) || originOf(pending.url) !== originOf(transport.authorization_endpoint)) {
    throw invalidParameter('completeSignIn: the sign-in began with a transport to another server')
  }
  if (isOurs) clearPendingRequest(page)
  const response = parseCallback(href, pending)
  try {
    if (page.navigator.onLine === false) {
      throw failure('NetworkError', 'this browser is offline: call it again when it is not')
    }
    return await getTokenByCode(transport, response, options)
  } catch (error) {
    // Unless something else has begun meanwhile.
    const isUntouched = page.location.href === cleaned && findPendingRequest(page) === undefined
    if (isUnspent(error) && isUntouched) {
      savePendingRequest(page, pending)
      page.history.replaceState(page.history.state, '', href)
    }
    throw error
  }
}

function failure(code: 'SignInNotBegun' | 'NetworkError', message: string): PDSError {
  return new PDSError(message, { code, outcome: 'not-sent' })
}

function originOf(address: string): string {
  return new URL(address).origin
}

/** Whether the code is as good as before: it was not sent, or the service asks to come back later. */
function isUnspent(error: unknown): boolean {
  return isPDSError(error) && (error.outcome === 'not-sent' || [429, 503].includes(error.status ?? 0))
}

/** An address without what RFC 6749 section 4.1.2, RFC 9207 and OpenID Connect Session Management add to it. */
function withoutCallbackParams(callback: URL): string {
  const url = new URL(callback)
  for (const name of ['code', 'state', 'error', 'error_description', 'error_uri', 'iss', 'session_state']) {
    url.searchParams.delete(name)
  }
  return url.href
}
