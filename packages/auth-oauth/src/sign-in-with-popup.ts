import type { IPDSRequestConfig, PDSError, PDSTransport } from '@pds/core'
import { checkRequestConfig, checkTransport } from '@pds/core/internal'
import type { IAuthorizationReq, ITokenInfo } from '@pds/types'
import { checkCallback } from './check-callback.ts'
import { createRequest } from './create-authorization-url.ts'
import { requirePage } from './pending-request.ts'
import { receiveCallback } from './popup-channel.ts'
import { exchangeCode } from './request-grant.ts'
import { signInError } from './sign-in-error.ts'

const method = 'signInWithPopup'

/** The options of `signInWithPopup`. All but `signal` and `timeout` are options of the token request only. */
export interface SignInWithPopupOptions extends IPDSRequestConfig {
  /** Aborts the sign-in, which then rejects with code `Aborted`. */
  signal?: AbortSignal | undefined
  /**
   * How long to wait for the user, in milliseconds, before the sign-in rejects with code `Timeout`. 0 means no limit.
   * Default: 0. The token request has the `timeout` of the transport.
   */
  timeout?: number | undefined
}

/**
 * Signs in with a popup, while the page stays, and returns the token. Call it in a click handler: browsers block other
 * popups.
 *
 * The page of the redirect URI must have the same origin and call `completeSignIn`, which sends the callback URL to
 * this page over a BroadcastChannel and closes the popup. Nothing is stored. The popup has no `opener`, so it cannot
 * navigate this page, and every page may have a Cross-Origin-Opener-Policy. This page must not be in a frame of another
 * site, whose channels browsers separate.
 *
 * No browser reports reliably that the user closed the popup: a popup also seems to be closed when it reaches a page
 * with a Cross-Origin-Opener-Policy. Therefore only a popup that is closed before it leaves for the sign-in page rejects
 * with `PopupClosed`. Afterwards the callback, `signal` or `timeout` ends the sign-in: offer the user to cancel it.
 *
 * @param transport - From `createTransport`.
 * @param params - The parameters of `createAuthorizationUrl`.
 * @param options - Options of the sign-in and of the token request. After an abort or timeout, the popup is closed,
 * unless the browser forbids this because it shows a page of another origin.
 * @returns The token.
 * @throws PDSError `PopupBlocked` if the browser opened no popup; `PopupClosed`; `Aborted`; `Timeout`;
 * `UnsupportedEnvironment` outside of a web page; and the errors of `createAuthorizationUrl`, `parseCallback` and
 * `getTokenByCode`.
 * @example
 * ```ts
 * import { signInWithPopup } from '@pds/auth-oauth'
 * import { createTransport } from '@pds/core'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 * const app = { client_id: 'browser-app', redirect_uri: 'https://app.example.com/callback' }
 * document.querySelector('#sign-in')?.addEventListener('click', async () => {
 *   const token = await signInWithPopup(transport, app, { timeout: 600_000 })
 *   console.log(`Signed in as ${token.user_name}`)
 * })
 * ```
 */
export async function signInWithPopup(
  transport: PDSTransport,
  params: IAuthorizationReq,
  options: SignInWithPopupOptions = {},
): Promise<ITokenInfo> {
  requirePage(method)
  checkTransport(method, transport)
  const { timeout, ...requestOptions } = checkRequestConfig(options, method)
  const { signal } = requestOptions
  if (signal?.aborted) throw aborted()
  // Before the first await: browsers allow a popup only during the click event.
  const popup = window.open('', '_blank', 'popup,width=480,height=640')
  if (!popup) {
    throw signInError(
      'PopupBlocked',
      'the browser blocked the popup: call signInWithPopup in a click handler',
    )
  }
  try {
    // The sign-in page must not navigate this page.
    popup.opener = null
    const request = await createRequest(method, transport, params)
    if (popup.closed) {
      throw signInError('PopupClosed', 'the popup was closed before it reached the sign-in page')
    }
    const arrived = waitForCallback(request.state, signal, timeout)
    popup.location.replace(request.url)
    const callback = new URL(await arrived)
    popup.close()
    const response = checkCallback(request, callback.searchParams, callback)
    return await exchangeCode(method, transport, response, requestOptions)
  } finally {
    popup.close()
  }
}

/** Returns the callback URL that the popup sends. */
function waitForCallback(state: string, signal: AbortSignal | undefined, timeout = 0): Promise<string> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      stop()
      signal?.removeEventListener('abort', onAbort)
      clearTimeout(timer)
      settle()
    }
    const stop = receiveCallback(state, (url) => end(() => resolve(url)))
    const onAbort = () => end(() => reject(aborted()))
    const onTimeout = () =>
      end(() => reject(signInError('Timeout', `${method}: no callback within ${timeout} ms`)))
    const timer = timeout === 0 ? undefined : setTimeout(onTimeout, timeout)
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted) onAbort()
  })
}

function aborted(): PDSError {
  return signInError('Aborted', 'signInWithPopup was aborted by its signal')
}
