import type { IPDSRequestConfig, PDSTransport } from '@pds/core'
import { checkRequestConfig, PDSError } from '@pds/core/internal'
import type { IAuthorizationReq, ITokenInfo } from '@pds/types'
import { createAuthorizationUrl } from './create-authorization-url.ts'
import { getTokenByCode } from './get-token-by-code.ts'
import { parseCallback } from './parse-callback.ts'
import { requirePage } from './pending-request.ts'
import { readCallbackMessage } from './popup-message.ts'

// In milliseconds.
const betweenLooks = 250

/**
 * Signs in with a window of its own, while the page stays. Call it in a click: browsers open no window otherwise.
 *
 * The page of the redirect URI, of the same origin, calls `completeSignIn`, which hands the answer over; the window is
 * closed then. Nothing is stored. It does not work where the sign-in page has a Cross-Origin-Opener-Policy, which looks
 * like a window that was closed: use `signInWithRedirect` there.
 *
 * @param transport - From `createTransport`.
 * @param params - As for `createAuthorizationUrl`.
 * @param options - Options of the exchange of the code. Their `signal` ends all of it and closes the window; the time
 * that the user takes is not limited otherwise.
 * @returns The token.
 * @throws PDSError `PopupBlocked`; `PopupClosed`; `Aborted`; what `createAuthorizationUrl`, `parseCallback` and
 * `getTokenByCode` throw; `UnsupportedEnvironment` where there is no page.
 */
export async function signInWithPopup(
  transport: PDSTransport,
  params: IAuthorizationReq,
  options: IPDSRequestConfig = {},
): Promise<ITokenInfo> {
  const page = requirePage('signInWithPopup')
  const { signal } = checkRequestConfig(options)
  if (signal?.aborted) throw aborted()
  // Before anything is awaited: after that it would not be in the click any more.
  const popup = page.open('', '_blank', 'popup,width=480,height=640')
  if (!popup) {
    throw failure('PopupBlocked', 'the browser did not open the window to sign in: call it in a click')
  }
  try {
    const request = await createAuthorizationUrl(transport, params)
    popup.location.replace(request.url)
    const callback = await waitForCallback(page, popup, signal)
    popup.close()
    return await getTokenByCode(transport, parseCallback(callback, request), options)
  } finally {
    popup.close()
  }
}

/** The address that the window came back to. */
function waitForCallback(page: Window, popup: Window, signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    let wasClosed = false
    const end = (settle: () => void) => {
      page.removeEventListener('message', onMessage)
      signal?.removeEventListener('abort', onAbort)
      page.clearInterval(timer)
      settle()
    }
    const onMessage = (event: MessageEvent) => {
      const url = readCallbackMessage(event, popup, page.location.origin)
      if (url !== undefined) end(() => resolve(url))
    }
    const onAbort = () => end(() => reject(aborted()))
    // No event tells of it. The window closes itself after its answer, which may come a moment later.
    const timer = page.setInterval(() => {
      if (wasClosed)
        end(() => reject(failure('PopupClosed', 'the window was closed before the sign-in was done')))
      wasClosed = popup.closed
    }, betweenLooks)
    page.addEventListener('message', onMessage)
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted) onAbort()
  })
}

function aborted(): PDSError {
  return failure('Aborted', 'the sign-in was aborted by its signal')
}

function failure(code: 'Aborted' | 'PopupBlocked' | 'PopupClosed', message: string): PDSError {
  return new PDSError(message, { code, outcome: 'not-sent' })
}
