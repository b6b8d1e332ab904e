import { PDSError } from '@pds/core'

/** The page that a sign-in is on. Throws a `PDSError` `UnsupportedEnvironment` where there is none, as in Node.js. */
export function requirePage(method: string): Window {
  const { window: page } = globalThis as { window?: Window }
  if (page) return page
  throw new PDSError(
    `${method} runs on a page only: use createAuthorizationUrl, parseCallback and getTokenByCode elsewhere`,
    { code: 'UnsupportedEnvironment', outcome: 'not-sent' },
  )
}
