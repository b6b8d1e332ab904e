// More layers than a request and the servers that echo it add.
const maxLayers = 5

/**
 * Returns a text, and what is left of it after each layer of escapes of JSON, HTML and URIs is undone.
 *
 * The texts are only for a search: backslashes, and the escapes of white space and punctuation, are removed.
 */
export function decode(text: string): string[] {
  const layers = [text]
  while (layers.length <= maxLayers) {
    const last = layers[layers.length - 1] as string
    const next = decodeUri(decodeJson(decodeHtml(last, () => '')))
    if (next === last) break
    layers.push(next)
  }
  return layers
}

function decodeJson(text: string): string {
  return text.replaceAll(/\\+(?:u([\da-f]{4})|[nrtbf])?/gi, (_all, hex) =>
    hex ? String.fromCharCode(Number.parseInt(hex, 16)) : '',
  )
}

function decodeUri(text: string): string {
  return text.replaceAll(/(?:%[\da-f]{2})+/gi, (run) => {
    const byteAt = (_: unknown, index: number) => Number.parseInt(run.slice(index * 3 + 1, index * 3 + 3), 16)
    return new TextDecoder().decode(Uint8Array.from({ length: run.length / 3 }, byteAt))
  })
}

const htmlEntities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

/** Decodes the numeric entities of HTML and XML, and the five named entities of XML. `other` replaces other names. */
export function decodeHtml(text: string, other: (entity: string) => string = (entity) => entity): string {
  return text.replaceAll(/&(?:#(\d{1,7}|x[\da-f]{1,6})|([a-z]{2,4}));/gi, (all, digits, name) => {
    // Turns x1F into 0x1F, which Number reads as hexadecimal.
    const code = Number(`0${digits}`)
    if (name) return htmlEntities[name] ?? other(all)
    return code <= 0x10ffff ? String.fromCodePoint(code) : other(all)
  })
}

/**
 * Returns the encodings of a secret that no decoder undoes: base64 and hexadecimal. Eight characters of the secret are at
 * least 10 of base64 and 16 of hexadecimal. So of the runs of 8 characters, only every third or eighth one is needed: the
 * numbers say which.
 */
export function encode(secret: string): [encoded: string, step: number][] {
  const bytes = new TextEncoder().encode(secret)
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [
    [base64(bytes, 0), 3],
    [base64(bytes, 1), 3],
    [base64(bytes, 2), 3],
    [hex, 8],
  ]
}

/** Returns the part of a base64 text that depends only on these bytes, which start `offset` bytes after its start. */
function base64(bytes: Uint8Array, offset: number): string {
  let binary = ' '.repeat(offset)
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
    .slice(offset && offset + 1)
    .replace(/.?=+$/, '')
}
