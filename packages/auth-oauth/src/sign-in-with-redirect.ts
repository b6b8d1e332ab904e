import type { PDSTransport } from '@pds/core'
import type { IAuthorizationReq } from '@pds/types'
import { createAuthorizationUrl } from './create-authorization-url.ts'
import { requirePage, savePendingRequest } from './pending-request.ts'

/**
 * Leaves the page to sign in; `completeSignIn` goes on, on the page of the redirect URI.
 *
 * The request waits in sessionStorage, which ends with the tab; a second call takes the place of the first.
 *
 * @param transport - From `createTransport`.
 * @param params - As for `createAuthorizationUrl`.
 * @returns When the page is about to be left.
 * @throws PDSError `InvalidParameter`; `UnsupportedEnvironment` where there is no page, no WebCrypto or no sessionStorage.
 */
export async function signInWithRedirect(transport: PDSTransport, params: IAuthorizationReq): Promise<void> {
  const page = requirePage('signInWithRedirect')
  const request = await createAuthorizationUrl(transport, params)
  savePendingRequest(page, request)
  page.location.assign(request.url)
}
