import { isSecretName } from './secrets.ts'

const redacted = '***'

/**
 * Replaces what looks like a secret in a text: a JWT and a private key, also if they are truncated, the credentials of
 * `Bearer`, `Basic` and URLs, and values after the name of a secret.
 *
 * Each pattern takes linear time.
 */
export function redactPatterns(text: string): string {
  return redactNamedValues(
    text
      // Each run is read once, also without a dot, so that a body with many token-like texts takes linear time.
      .replaceAll(/eyJ[\w-]{8,}(\.[\w.-]*)?/g, (run, rest) => (rest ? redacted : run))
      .replaceAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*-----|$)/gs, redacted)
      // Not the parameters of a challenge (RFC 9110 section 11.6.1), and not "Bearer token".
      .replaceAll(
        /\b(Bearer|Basic)([\s:=]{1,9}\\{0,9}["'`]?)(?!\w+=["'\\]|tokens?\b|auth\w*\b)[^\s,;&"'`<>\\]+/gi,
        `$1$2${redacted}`,
      )
      // A password may contain a slash, but a number before a slash is a port.
      .replaceAll(/:\/\/(?:[^\s/"']*@|[^\s/:@]*:(?!\d+\/)[^\s:@"']*@)/g, `://${redacted}@`),
  )
}

/** Replaces values after the name of a secret: in a form, in headers, in code, and in JSON at any depth of quotes. */
function redactNamedValues(text: string): string {
  let shown = ''
  let end = 0
  for (const { 0: separator, 1: sign, 2: name = '', index } of text.matchAll(namedValue)) {
    // In a URL or a form, `code` is an authorization code. Elsewhere it is an error code.
    if (index < end || !(isSecretName(name) || (sign && name === 'code'))) continue
    const start = index + separator.length
    const rest = text.slice(start)
    const value = /cookie$|authorization$/i.test(name) ? valueOfHeader : valueOfField
    const [all, quote = '', quoted, closing = ''] = value.exec(rest) ?? []
    if (!all || quoted === '') continue
    shown += text.slice(end, start) + quote + redacted + closing
    end = start + all.length
  }
  return shown + text.slice(end)
}

// The name is read backwards from the separator.
const namedValue =
  /(?=[\\"'`\s:=])(?<=([?&]?)((?:(?:api|private) )?[\w-]{1,40}))\\{0,9}["'`]?\s{0,9}(?:=>|[:=])\s{0,9}/gi
// A quoted value ends at the same quotes, and an object or array at the end of the text.
const valueOfField =
  /^(?:(\\{0,9}["'`])(.*?)((?<!\\)\1|$)|[[{].*|(?:(?:Bearer|Basic)\s{1,9})?[^\s,;&"'`<>()[\]{}\\]+)/is
const valueOfHeader = /^(?:(\\{0,9}["'`])(.*?)((?<!\\)\1|$)|[^\r\n]+)/s
