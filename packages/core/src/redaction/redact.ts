import { isSecretName, longEnough } from './secrets.ts'

// Deeper data is no error of the service, and walking it would cost the stack.
const maxDepth = 100
// How often a text may have been encoded on its way: once by us, once by who repeats it, and once more.
const maxEncodings = 3

const redacted = '***'

/**
 * A copy of JSON data in which each secret is masked: the known ones, also encoded, and what looks like one or stands
 * under the name of one. A text in which a secret shows only when it is decoded is masked as a whole.
 */
export function redact<T>(data: T, secrets: readonly string[]): T {
  // The longest first: a secret that begins with another one must not keep its end.
  const forms = [...new Set(longEnough(secrets).flatMap(encodings))].sort((a, b) => b.length - a.length)

  const redactText = (text: string): string => {
    const shown = redactPatterns(forms.reduce((rest, form) => rest.replaceAll(form, redacted), text))
    return isHiddenIn(shown, forms) ? redacted : shown
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
 * Masks what looks like a secret: a JWT or PEM, of which the end may be cut off, and what stands behind the name of a
 * secret in JSON or a form that is quoted.
 */
function redactPatterns(text: string): string {
  return (
    text
      // Each run is read once, whatever it holds: a body must not take longer for looking like many tokens.
      .replaceAll(/[\w-]+(?:\.[\w.-]+)?/g, (run) => {
        const start = run.indexOf('eyJ')
        return start >= 0 && run.indexOf('.', start) > start + 10 ? run.slice(0, start) + redacted : run
      })
      .replaceAll(
        /((["'])([\w-]{1,40})\2\s*:\s*(["']))(.*?)(\4|$)/gs,
        (shown, before, _quote, name, _opened, value, closed) =>
          value && isSecretName(name) ? before + redacted + closed : shown,
      )
      .replaceAll(/(?<![\w-])([\w-]{1,40})=[^&\s"']+/g, (shown, name) =>
        isSecretName(name) ? `${name}=${redacted}` : shown,
      )
      .replaceAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*-----|$)/gs, redacted)
  )
}

/** A secret as it is, as a form has it, as `encodeURIComponent` makes it, in base64 and in hexadecimal. */
function encodings(secret: string): string[] {
  // It throws for half a pair of surrogates, which a form replaces.
  const form = new URLSearchParams([['', secret]]).toString().slice(1)
  const uri = form.replaceAll('+', '%20').replaceAll(/%(?:2[1789]|7E)/g, decodeURIComponent)
  const bytes = [...new TextEncoder().encode(secret)]
  const base64 = btoa(bytes.map((byte) => String.fromCharCode(byte)).join('')).replace(/=+$/, '')
  const base64url = base64.replaceAll('+', '-').replaceAll('/', '_')
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return [secret, form, uri, base64, base64url, hex]
}

/** Whether a text holds one of some others behind escapes of JSON, of HTML or of an address, or in another layout. */
function isHiddenIn(text: string, forms: readonly string[]): boolean {
  const dense = forms.map(withoutSpace).filter((form, index) => form && form !== forms[index])
  const isIn = (shown: string) => {
    // Once for all: a body can be as long as maxContentLength.
    const denseText = dense.length ? withoutSpace(shown) : ''
    return forms.some((form) => shown.includes(form)) || dense.some((form) => denseText.includes(form))
  }
  let decoded = text
  let before: string | undefined
  if (isIn(text)) return true
  for (let layer = 0; decoded !== before && layer < maxEncodings; layer++) {
    before = decoded
    for (const decode of [decodeJson, decodeHtml, decodeUri]) {
      const next = decode(decoded)
      if (next !== decoded && isIn(next)) return true
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

/** Decodes the entities of HTML and XML that are numbers, and the five that XML has names for. */
export function decodeHtml(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7}|x[\da-f]{1,6})|([a-z]{2,4}));/gi, (all, digits, name) => {
    // A hexadecimal number is 0x and digits.
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
