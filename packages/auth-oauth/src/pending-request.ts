import { PDSError } from '@pds/core/internal'
import type { AuthorizationRequest } from './create-authorization-url.ts'

/** The page that a sign-in is on. Throws a `PDSError` `UnsupportedEnvironment` where there is none, as in Node.js. */
export function requirePage(method: string): Window {
  const { window: page } = globalThis as { window?: Window }
  if (page) return page
  throw new PDSError(
    `${method} runs on a page only: use createAuthorizationUrl, parseCallback and getTokenByCode elsewhere`,
    { code: 'UnsupportedEnvironment', outcome: 'not-sent' },
  )
}

// In sessionStorage: a sign-in ends with the tab that it began in.
const key = 'pds.sign-in'

/** Keeps the request of a sign-in in this tab, in place of an earlier one. Throws `UnsupportedEnvironment`. */
export function savePendingRequest(page: Window, request: AuthorizationRequest): void {
  try {
    page.sessionStorage.setItem(key, JSON.stringify(request))
  } catch {
    throw new PDSError('sessionStorage is full or denied: signInWithPopup does without it', {
      code: 'UnsupportedEnvironment',
      outcome: 'not-sent',
    })
  }
}

/** The request that waits in this tab, unchecked but for its state; undefined where there is none. */
export function findPendingRequest(page: Window): AuthorizationRequest | undefined {
  try {
    const kept = JSON.parse(page.sessionStorage.getItem(key) ?? 'null')
    return typeof kept?.state === 'string' ? kept : undefined
  } catch {
    // Denied, or not ours.
    return undefined
  }
}

/** Forgets the request that waits in this tab. */
export function clearPendingRequest(page: Window): void {
  page.sessionStorage.removeItem(key)
}
