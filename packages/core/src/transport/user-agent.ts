/** The version of this package. `pnpm version-packages` copies it from the manifest. */
export const version = '0.0.0'

/**
 * Returns a `user-agent` header with the name and version of this package (RFC 9110 section 10.1.5), or none in browsers.
 *
 * A header that a page sets causes a CORS preflight request, and the vendor does not document which headers it allows.
 */
export function userAgent(): { 'user-agent'?: string } | undefined {
  const { navigator } = globalThis as { navigator?: { userAgent?: string } }
  return navigator?.userAgent?.startsWith('Mozilla/') ? {} : { 'user-agent': `pds-core/${version}` }
}
