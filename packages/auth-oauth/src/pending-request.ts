import { invalidParameter } from '@pds/core/internal'
import type { IAuthorizationReq } from '@pds/types'
import type { AuthorizationRequest } from './create-authorization-url.ts'
import { signInError } from './sign-in-error.ts'

/** Throws `UnsupportedEnvironment` outside of a page. React Native has a `window`, but no `history`. */
export function requirePage(method: string): void {
  if (globalThis.history) return
  throw signInError(
    'UnsupportedEnvironment',
    `${method} needs a web page: use createAuthorizationUrl and parseCallback`,
  )
}

/** The parameters of `signInWithRedirect`: those of `createAuthorizationUrl`, and two that `completeSignIn` returns. */
export type SignInWithRedirectParams = IAuthorizationReq & {
  /** Where the page goes after the sign-in: a path, or a URL with the origin of the page. */
  returnTo?: string | undefined
  /** Any value that JSON can represent. Not a secret: every script of the origin can read it. */
  appState?: unknown
}

/** A request that waits for its callback, with parameters of `signInWithRedirect` that `completeSignIn` returns. */
interface PendingRequest
  extends AuthorizationRequest,
    Pick<SignInWithRedirectParams, 'returnTo' | 'appState'> {}

/**
 * Throws `InvalidParameter` if a `returnTo` has another origin. Before it is stored, an attacker may have chosen it, and
 * afterwards, every script of the origin can change it.
 */
export function checkReturnTo(method: string, returnTo: string | undefined): void {
  if (returnTo === undefined) return
  const { origin } = location
  const isUrl = typeof returnTo === 'string' && URL.canParse(returnTo, origin)
  // Not the origin of the URL: that of a blob: URL is the origin of the page.
  if (isUrl && new URL(returnTo, origin).href.startsWith(`${origin}/`)) return
  throw invalidParameter(`${method}: returnTo must be a path or URL of this origin`)
}

// In sessionStorage, because a sign-in ends with its tab.
const key = 'pds.sign-in'

/**
 * Stores the pending request of this tab and replaces an earlier request. Throws `InvalidParameter` if JSON cannot
 * represent the `appState`, and `UnsupportedEnvironment` without storage.
 */
export function savePendingRequest(request: PendingRequest): void {
  let text: string
  try {
    text = JSON.stringify(request)
  } catch {
    throw invalidParameter('signInWithRedirect: appState must be a JSON value')
  }
  try {
    sessionStorage.setItem(key, text)
  } catch {
    throw signInError('UnsupportedEnvironment', 'sessionStorage is full or blocked: use signInWithPopup')
  }
}

/** Returns the pending request of this tab, or undefined. Checks only its state. */
export function findPendingRequest(): PendingRequest | undefined {
  try {
    const request = JSON.parse(sessionStorage.getItem(key) ?? 'null')
    return typeof request?.state === 'string' ? request : undefined
  } catch {
    // The browser blocks sessionStorage, or the item is not JSON.
    return undefined
  }
}

/** Deletes the pending request of this tab. */
export function clearPendingRequest(): void {
  sessionStorage.removeItem(key)
}
