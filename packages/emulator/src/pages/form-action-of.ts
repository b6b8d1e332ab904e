/**
 * The source of a content security policy that lets a form's answer go to a redirect URI: Chromium applies `form-action`
 * to each redirect that follows a form.
 *
 * For an address of this machine that is any port of it: what answers there often leads on to another one, such as
 * from a back end to the page of a development server.
 */
export function formActionOf(redirectUri: string): string {
  const { protocol, origin, hostname } = new URL(redirectUri)
  if (protocol === 'http:' && /^(localhost|127\.0\.0\.1)$/.test(hostname)) {
    return 'http://localhost:* http://127.0.0.1:*'
  }
  // A source has no form for an IPv6 address, nor for what would end it.
  return /^https?:\/\/[a-z\d.-]+(:\d+)?$/.test(origin) ? origin : protocol
}
