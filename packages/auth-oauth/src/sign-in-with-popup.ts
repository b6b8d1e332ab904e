import type { IPDSRequestConfig, PDSError, PDSTransport } from '@pds/core'
import { checkRequestConfig, checkTransport } from '@pds/core/internal'
import type { IAuthorizationReq, ITokenInfo } from '@pds/types'
import { checkCallback } from './check-callback.ts'
import { createRequest } from './create-authorization-url.ts'
import { requirePage } from './pending-request.ts'
import { readCallbackMessage } from './popup-message.ts'
import { exchangeCode } from './request-grant.ts'
import { signInError } from './sign-in-error.ts'

const method = 'signInWithPopup'
// In milliseconds.
const pollInterval = 250

/**
 * Signs in with a popup, while the page stays, and returns the token. Call it in a click handler: browsers block other
 * popups.
 *
 * The page of the redirect URI must have the same origin and call `completeSignIn`, which sends the callback URL to
 * this page. This page then closes the popup. Nothing is stored. A sign-in page with a Cross-Origin-Opener-Policy
 * header cuts the popup off, so that it seems to be closed: use `signInWithRedirect` with such a server.
 *
 * @param transport - From `createTransport`.
 * @param params - The parameters of `createAuthorizationUrl`.
 * @param options - Options of the token request. Their `signal` aborts the whole sign-in and closes the popup. Without
 * it, the user has unlimited time.
 * @returns The token.
 * @throws PDSError `PopupBlocked` if the browser opened no popup; `PopupClosed` if the user closed it; `Aborted`;
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
 *   const token = await signInWithPopup(transport, app)
 *   console.log(`Signed in as ${token.user_name}`)
 * })
 * ```
 */
export async function signInWithPopup(
  transport: PDSTransport,
  params: IAuthorizationReq,
  options: IPDSRequestConfig = {},
): Promise<ITokenInfo> {
  requirePage(method)
  checkTransport(method, transport)
  const { signal } = checkRequestConfig(options, method)
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
    const request = await createRequest(method, transport, params)
    popup.location.replace(request.url)
    const callback = new URL(await waitForCallback(popup, signal))
    popup.close()
    const response = checkCallback(request, callback.searchParams, callback)
    return await exchangeCode(method, transport, response, options)
  } finally {
    popup.close()
  }
}

/** Returns the callback URL that the popup sends. */
function waitForCallback(popup: Window, signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    let wasClosed = false
    const end = (settle: () => void) => {
      removeEventListener('message', onMessage)
      signal?.removeEventListener('abort', onAbort)
      clearInterval(timer)
      settle()
    }
    const onMessage = (event: MessageEvent) => {
      const url = readCallbackMessage(event, popup, location.origin)
      if (url !== undefined) end(() => resolve(url))
    }
    const onAbort = () => end(() => reject(aborted()))
    // No event reports a closed popup. Waits one more interval, as the message may arrive after the close.
    const timer = setInterval(() => {
      if (wasClosed)
        end(() => reject(signInError('PopupClosed', 'the popup was closed before the sign-in was complete')))
      wasClosed = popup.closed
    }, pollInterval)
    addEventListener('message', onMessage)
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted) onAbort()
  })
}

function aborted(): PDSError {
  return signInError('Aborted', 'signInWithPopup was aborted by its signal')
}
