/** The version of this package, as in its manifest: `pnpm version-packages` writes it here. */
export const version = '0.0.0'

/**
 * Names this package and its version in the headers of a request (RFC 9110 section 10.1.5).
 *
 * Not in browsers, which have a name of their own: there, a header that a page sets makes the browser ask the server
 * for permission first, and the vendor does not say which ones it permits.
 */
export function setUserAgent(headers: Headers): void {
  const { navigator } = globalThis as { navigator?: { userAgent?: string } }
  if (!navigator?.userAgent?.startsWith('Mozilla/')) headers.set('user-agent', `pds-core/${version}`)
}
