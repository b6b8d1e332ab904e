// In characters: the cookie of the sign-in holds it.
const maxLength = 2048

/**
 * Returns the path, query and fragment of a `returnTo`, or undefined if it leads to another origin or is too long (open
 * redirect: RFC 9700 section 4.11).
 */
export function returnPath(returnTo: string, origin: string): string | undefined {
  if (!URL.canParse(returnTo, origin)) return undefined
  const url = new URL(returnTo, origin)
  // Not the origin of the URL: that of a blob: URL is the origin of the page.
  if (!url.href.startsWith(`${origin}/`)) return undefined
  const path = url.href.slice(origin.length)
  // A browser reads // as the start of a host.
  return path.length <= maxLength && !path.startsWith('//') ? path : undefined
}
