import type { PDSTransport } from '@pds/core'
import type { IAuthorizationReq } from '@pds/types'
import { createRequest } from './create-authorization-url.ts'
import {
  checkReturnTo,
  requirePage,
  type SignInWithRedirectParams,
  savePendingRequest,
} from './pending-request.ts'

/**
 * Starts a sign-in by navigating to the sign-in page. `completeSignIn` completes it on the page of the redirect URI.
 *
 * Stores the pending request in sessionStorage, which the browser deletes with the tab. A second call replaces it.
 *
 * @param transport - From `createTransport`.
 * @param params - The parameters of `createAuthorizationUrl`. `returnTo`, a path or URL of this origin, and `appState`,
 * a JSON value, are stored with the request and not sent: `completeSignIn` returns them. Do not put secrets in them.
 * @returns A promise that resolves when the navigation starts.
 * @throws PDSError `InvalidParameter`, also for a `returnTo` of another origin; `UnsupportedEnvironment` outside of a
 * web page, without WebCrypto or without sessionStorage.
 * @example
 * ```ts
 * import { signInWithRedirect } from '@pds/auth-oauth'
 * import { createTransport } from '@pds/core'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 * const app = { client_id: 'browser-app', redirect_uri: 'https://app.example.com/callback' }
 * document.querySelector('#sign-in')?.addEventListener('click', () =>
 *   signInWithRedirect(transport, { ...app, returnTo: location.pathname }),
 * )
 * ```
 */
export async function signInWithRedirect(
  transport: PDSTransport,
  params: SignInWithRedirectParams,
): Promise<void> {
  const method = 'signInWithRedirect'
  requirePage(method)
  const { returnTo, appState, ...authorization } = Object(params) as SignInWithRedirectParams
  checkReturnTo(method, returnTo)
  const request = await createRequest(method, transport, authorization as IAuthorizationReq)
  savePendingRequest({ ...request, returnTo, appState })
  location.assign(request.url)
}
