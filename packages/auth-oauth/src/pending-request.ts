import type { AuthorizationRequest } from './create-authorization-url.ts'
import { signInError } from './sign-in-error.ts'

/** Throws `UnsupportedEnvironment` outside of a page, as in Node.js. */
export function requirePage(method: string): void {
  if (globalThis.window) return
  throw signInError(
    'UnsupportedEnvironment',
    `${method} runs in web pages only: use createAuthorizationUrl and parseCallback elsewhere`,
  )
}

// In sessionStorage, because a sign-in ends with its tab.
const key = 'pds.sign-in'

/** Stores the pending request of this tab and replaces an earlier request. Throws `UnsupportedEnvironment`. */
export function savePendingRequest(request: AuthorizationRequest): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(request))
  } catch {
    throw signInError('UnsupportedEnvironment', 'sessionStorage is full or blocked: use signInWithPopup')
  }
}

/** Returns the pending request of this tab, or undefined. Checks only its state. */
export function findPendingRequest(): AuthorizationRequest | undefined {
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
