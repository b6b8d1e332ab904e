import { type AuthorizationRequest, createAuthorizationUrl, getTokenByCode } from '@pds/auth-oauth'
import type { PDSError, PDSTransport } from '@pds/core'
import { isPDSError, sanitizeError } from '@pds/core/internal'
import type { ITokenInfo } from '@pds/types'
import { aborted, CallbackWait } from './callback-wait.ts'
import { loopbackError } from './loopback-error.ts'
import type { BrowserSignInParams, SignInWithBrowserOptions } from './options.ts'
import { readPastedCallback } from './paste/read-pasted-callback.ts'
import { CallbackResponder } from './server/callback-responder.ts'
import { listenOnLoopback } from './server/listen-on-loopback.ts'
import { readSettings, type Settings } from './settings.ts'

/** How long the browser may take to receive the page after the sign-in, in milliseconds. */
const pageTimeout = 5000

/**
 * Signs a user in with the browser of the system, and returns the token. For command-line and desktop programs.
 *
 * A server on the loopback addresses of this machine receives the callback. It ends with the sign-in. Callbacks without the
 * state of the sign-in are ignored. Then the browser shows a page.
 *
 * The vendor does not document whether it accepts any port in a registered loopback redirect URI, as RFC 8252 section 7.3
 * requires. If it does not, register a redirect URI for each of several `ports`.
 *
 * @param transport - From `createTransport`.
 * @param params - The application and the parameters of the authorization request.
 * @param options - Options of the sign-in, and of the token request.
 * @returns The token. The access token is valid for 2 hours (`expires_in`, in seconds), the refresh token for 7 days.
 * @throws PDSError `InvalidParameter` before a server starts, or if `pasteCode` returns no string; `PortInUse` if no port
 * is available, because another program uses one; `BrowserClosed`; `Timeout`; `Aborted`; `UnsupportedEnvironment` if this
 * machine lacks the address; the error code of the authorization response, such as `access_denied`; and the errors of
 * `getTokenByCode`.
 * @see RFC 8252 sections 7.3, 8.3 and 8.10
 * @example
 * ```ts
 * import { signInWithBrowser } from '@pds/auth-loopback'
 * import { createTransport } from '@pds/core'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 *
 * export async function signIn(signal: AbortSignal) {
 *   const token = await signInWithBrowser(transport, { client_id: 'native-app' }, { signal })
 *   return `Signed in as ${token.user_name}`
 * }
 * ```
 */
export async function signInWithBrowser(
  transport: PDSTransport,
  params: BrowserSignInParams,
  options: SignInWithBrowserOptions = {},
): Promise<ITokenInfo> {
  const settings = readSettings(transport, params, options)
  const { redirectUri, ports, credentials, requestOptions, signal } = settings
  const draft = await createAuthorizationUrl(transport, settings.authorization)
  requireWebPage(draft.url)
  if (signal?.aborted) throw aborted()

  let responder: CallbackResponder | undefined
  const servers = await listenOnLoopback(redirectUri.host, ports, (incoming, response) => {
    // Until both addresses are served, no callback exists.
    if (responder) responder.handle(incoming, response)
    else response.writeHead(404, { connection: 'close' }).end()
  })
  const wait = new CallbackWait()
  try {
    const request = withRedirectUri(draft, redirectUri.withPort(servers.port))
    const token = wait.callback.then((response) =>
      getTokenByCode(transport, { ...response, ...credentials }, requestOptions),
    )
    const outcome = token.then(() => undefined, toPDSError)
    responder = new CallbackResponder(request, wait, outcome, settings.page)
    wait.limit(signal, settings.timeout)
    if (!wait.over.aborted) startBrowser(request, wait, settings)
    return await token
  } finally {
    wait.stop()
    if (responder) await settled(responder.delivered(), signal)
    await servers.close()
  }
}

function toPDSError(error: unknown): PDSError {
  if (isPDSError(error)) return error
  // A function of the application has thrown its own error.
  return loopbackError('Aborted', 'the application ended the sign-in')
}

/** Starts everything that can bring the callback besides the server: the browser, and the user who pastes it. */
function startBrowser(request: AuthorizationRequest, wait: CallbackWait, settings: Settings): void {
  const { url, state } = request
  const { onAddress, openBrowser, askForAddress } = settings
  onAddress({ url })

  const open = async () => {
    const { closed } = Object(await openBrowser?.(url))
    if (closed === undefined) return
    await closed
    wait.fail(loopbackError('BrowserClosed', 'the browser was closed before the callback arrived'))
  }
  open()
    .catch((reason) => {
      // The errors of processes contain the arguments.
      if (!wait.over.aborted) onAddress({ url, reason: sanitizeError(reason, [state]) })
    })
    .catch((error) => wait.fail(error))

  if (!askForAddress) return
  readPastedCallback(askForAddress, request, wait.over).then(
    (response) => response && wait.accept(response),
    (error) => wait.fail(error),
  )
}

/** Returns an authorization request with the redirect URI of the server. */
function withRedirectUri(request: AuthorizationRequest, redirect_uri: string): AuthorizationRequest {
  const url = new URL(request.url)
  url.searchParams.set('redirect_uri', redirect_uri)
  return { ...request, url: url.href, redirect_uri }
}

/** Throws for a URL that the system would open with another program. */
function requireWebPage(url: string): void {
  if (/^https?:\/\//.test(url)) return
  throw loopbackError('InvalidParameter', 'the authorization_endpoint of the transport must be an https: URL')
}

/** Waits for a promise, but at most for the time of a page, and not after an abort. */
async function settled(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  const stop = new AbortController()
  const limit = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, signal?.aborted ? 0 : pageTimeout)
    const onAbort = () => resolve()
    signal?.addEventListener('abort', onAbort)
    stop.signal.addEventListener('abort', () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    })
  })
  await Promise.race([promise, limit])
  stop.abort()
}
