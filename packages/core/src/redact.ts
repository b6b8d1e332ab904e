// Names of fields, at any depth: those of the protocol, and those that such things commonly have.
const secretFields =
  /token$|secret|passw|passphrase|pwd$|assertion$|verifier$|^authorization$|cookie|private_?key/i
const secretHeaders = /^(authorization|cookie|proxy-authorization|x-share-token)$/i
// What an access token, an assertion or a private key looks like, wherever it stands: a JWT or PEM, of which the end
// may be cut off.
const secretLooks = /eyJ[\w-]{8,}\.[\w.-]+|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*-----|$)/gs

// A shorter value is no secret, and masking it would garble the messages that happen to contain it. The parts of a
// header are longer: what is shorter there is a scheme, such as Bearer, or a name.
const shortestSecret = 4
const shortestPart = 8

/** Collects the values of the secret ones among headers. */
export function secretsOfHeaders(headers: Readonly<Record<string, string>>): string[] {
  const secrets: string[] = []
  for (const [name, value] of Object.entries(headers)) {
    if (!secretHeaders.test(name)) continue
    const parts = value.split(/[\s;,=]+/).filter((part) => part.length >= shortestPart)
    secrets.push(...new Set([value, ...parts]))
  }
  return secrets.filter((value) => value.length >= shortestSecret)
}

/** Collects the values of the secret ones among parameters, at any depth. */
export function secretsOfParams(params: unknown, isSecret = false): string[] {
  if (typeof params === 'string') return isSecret && params.length >= shortestSecret ? [params] : []
  if (typeof params !== 'object' || params === null) return []
  return Object.entries(params).flatMap(([name, value]) =>
    // In an answer, `code` is the code of an error.
    secretsOfParams(value, isSecret || name === 'code' || secretFields.test(name)),
  )
}

/** A copy of JSON data in which each secret is masked: the known ones, also encoded, and what looks like one. */
export function redact<T>(data: T, secrets: readonly string[]): T {
  // The longest first: a secret that begins with another one must not keep its end.
  const forms = [...new Set(secrets.flatMap(encodings))].sort((a, b) => b.length - a.length)
  const mask = (value: unknown): unknown => {
    if (typeof value === 'string') {
      return forms.reduce((text, form) => text.replaceAll(form, '***'), value).replaceAll(secretLooks, '***')
    }
    if (Array.isArray(value)) return value.map(mask)
    if (typeof value !== 'object' || value === null) return value
    const fields = Object.entries(value).map(([name, field]) => {
      const isSecret = secretFields.test(name) && typeof field === 'string' && field.length >= shortestSecret
      return [mask(name), isSecret ? '***' : mask(field)]
    })
    return Object.fromEntries(fields)
  }
  return mask(data) as T
}

/** A text as it is, as a form has it, and as `encodeURIComponent` makes it, which throws for half a pair. */
function encodings(text: string): string[] {
  const form = new URLSearchParams([['', text]]).toString().slice(1)
  const uri = form.replaceAll('+', '%20').replaceAll(/%(?:2[1789]|7E)/g, decodeURIComponent)
  return [text, form, uri]
}
