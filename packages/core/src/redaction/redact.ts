import { isSecretName, longEnough } from './secrets.ts'

// Error responses of the service are not deeper. The limit protects the stack.
const maxDepth = 100
// The layers of encoding to undo: one by this package, one by a server that echoes the text, and one spare.
const maxEncodings = 3

const redacted = '***'

/**
 * Returns a copy of JSON data with `***` in place of secrets.
 *
 * Secrets are the given values, also in the usual encodings, texts that look like a JWT or a private key, and the
 * values of fields with a secret name. A text that contains a secret only after decoding is replaced as a whole.
 */
export function redact<T>(data: T, secrets: readonly string[]): T {
  // The longest first: otherwise a secret that starts with another secret would keep its end.
  const forms = [...new Set(longEnough(secrets).flatMap(encodings))].sort((a, b) => b.length - a.length)

  const redactText = (text: string): string => {
    const result = redactPatterns(forms.reduce((rest, form) => rest.replaceAll(form, redacted), text))
    return containsEncoded(result, forms) ? redacted : result
  }
  const redactValue = (value: unknown, depth: number, isSecret: boolean): unknown => {
    if (typeof value === 'string' || typeof value === 'number') {
      if (isSecret) return redacted
      return typeof value === 'string' ? redactText(value) : value
    }
    if (typeof value !== 'object' || value === null) return value
    if (depth > maxDepth) return redacted
    if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1, isSecret))
    return Object.fromEntries(
      Object.entries(value).map(([name, field]) => [
        redactText(name),
        redactValue(field, depth + 1, isSecret || isSecretName(name)),
      ]),
    )
  }
  return redactValue(data, 0, false) as T
}

/**
 * Replaces texts that look like secrets: a JWT or a PEM, also if it is truncated, and values after a secret name in
 * quoted JSON or in a form.
 */
function redactPatterns(text: string): string {
  return (
    text
      // Each run is read once, so that a body with many token-like texts takes linear time.
      .replaceAll(/[\w-]+(?:\.[\w.-]+)?/g, (run) => {
        const start = run.indexOf('eyJ')
        return start >= 0 && run.indexOf('.', start) > start + 10 ? run.slice(0, start) + redacted : run
      })
      .replaceAll(
        /((["'])([\w-]{1,40})\2\s*:\s*(["']))(.*?)(\4|$)/gs,
        (match, before, _quote, name, _opened, value, closed) =>
          value && isSecretName(name) ? before + redacted + closed : match,
      )
      .replaceAll(/(?<![\w-])([\w-]{1,40})=[^&\s"']+/g, (match, name) =>
        isSecretName(name) ? `${name}=${redacted}` : match,
      )
      .replaceAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*-----|$)/gs, redacted)
  )
}

/** Returns a secret unchanged, form-encoded, URI-encoded, in base64, in base64url and in hexadecimal. */
function encodings(secret: string): string[] {
  // Not encodeURIComponent, which throws for a lone surrogate. A form replaces it.
  const form = new URLSearchParams([['', secret]]).toString().slice(1)
  const uri = form.replaceAll('+', '%20').replaceAll(/%(?:2[1789]|7E)/g, decodeURIComponent)
  const bytes = [...new TextEncoder().encode(secret)]
  const base64 = btoa(bytes.map((byte) => String.fromCharCode(byte)).join('')).replace(/=+$/, '')
  const base64url = base64.replaceAll('+', '-').replaceAll('/', '_')
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return [secret, form, uri, base64, base64url, hex]
}

/** Returns whether a text contains a secret after JSON, HTML or URI decoding, or with other white space. */
function containsEncoded(text: string, forms: readonly string[]): boolean {
  const dense = forms.map(withoutSpace).filter((form, index) => form && form !== forms[index])
  const containsSecret = (decodedText: string) => {
    // Computed once: the text may be as long as maxContentLength.
    const denseText = dense.length ? withoutSpace(decodedText) : ''
    return forms.some((form) => decodedText.includes(form)) || dense.some((form) => denseText.includes(form))
  }
  let decoded = text
  let before: string | undefined
  if (containsSecret(text)) return true
  for (let layer = 0; decoded !== before && layer < maxEncodings; layer++) {
    before = decoded
    for (const decode of [decodeJson, decodeHtml, decodeUri]) {
      const next = decode(decoded)
      if (next !== decoded && containsSecret(next)) return true
      decoded = next
    }
  }
  return false
}

function withoutSpace(text: string): string {
  return text.replaceAll(/\s+/g, '')
}

const jsonEscapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }

function decodeJson(text: string): string {
  return text.replaceAll(/\\(?:u([\da-f]{4})|(.))/gi, (_all, hex?: string, char = '') =>
    hex ? String.fromCharCode(Number.parseInt(hex, 16)) : (jsonEscapes[char] ?? char),
  )
}

const htmlEntities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

/** Decodes the numeric entities of HTML and XML, and the five named entities of XML. */
export function decodeHtml(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7}|x[\da-f]{1,6})|([a-z]{2,4}));/gi, (all, digits, name) => {
    // Turns x1F into 0x1F, which Number reads as hexadecimal.
    const code = Number(`0${digits}`)
    return name ? (htmlEntities[name] ?? all) : code <= 0x10ffff ? String.fromCodePoint(code) : all
  })
}

function decodeUri(text: string): string {
  return text.replaceAll(/(?:%[\da-f]{2})+/gi, (run) => {
    const bytes = run
      .slice(1)
      .split('%')
      .map((hex) => Number.parseInt(hex, 16))
    return new TextDecoder().decode(new Uint8Array(bytes))
  })
}
