import { isCompletingSignIn } from './complete-sign-in.ts'
import { findPendingRequest } from './pending-request.ts'

/**
 * Returns whether this page is the result of a sign-in by redirect that is not complete yet: `completeSignIn` is
 * completing it, or the page's URL is the callback of the pending request of this tab. Reads the URL and sessionStorage,
 * and changes nothing.
 *
 * A page can thus show at its first render that it signs in, before it knows whether the sign-in succeeds. Returns false
 * on a server, and in the popup of `signInWithPopup`.
 *
 * @example
 * ```ts
 * import { completeSignIn, isSignInPending } from '@pds/auth-oauth'
 * import { createTransport } from '@pds/core'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 * document.title = isSignInPending() ? 'Signing in' : 'My drive'
 * const { token } = await completeSignIn(transport)
 * ```
 */
export function isSignInPending(): boolean {
  if (isCompletingSignIn()) return true
  // Workers have a location, too.
  if (!globalThis.history) return false
  const params = new URLSearchParams(location.search)
  if (!params.has('code') && !params.has('error')) return false
  const pending = findPendingRequest()
  return pending !== undefined && params.getAll('state').includes(pending.state)
}
