/** The version of this package. `pnpm version-packages` copies it from the manifest. */
export const version = '0.0.0'

/**
 * Sets `user-agent` to the name and version of this package (RFC 9110 section 10.1.5), except in browsers.
 *
 * A header that a page sets causes a CORS preflight request, and the vendor does not document which headers it allows.
 */
export function setUserAgent(headers: Headers): void {
  const { navigator } = globalThis as { navigator?: { userAgent?: string } }
  if (!navigator?.userAgent?.startsWith('Mozilla/')) headers.set('user-agent', `pds-core/${version}`)
}
