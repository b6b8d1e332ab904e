const secretParams = new Set(['assertion', 'client_secret', 'code', 'code_verifier', 'refresh_token'])
const secretHeaders = new Set(['authorization', 'cookie', 'proxy-authorization', 'x-share-token'])

// A shorter value is no secret, and masking it would garble the messages that happen to contain it. The parts of a
// header are longer: what is shorter there is a scheme, such as Bearer, or a name.
const shortestSecret = 4
const shortestPart = 8

/** Collects the values of the secret ones among named parameters or headers. */
export function secretsOf(values: Iterable<readonly [name: string, value: string]>): string[] {
  const secrets: string[] = []
  for (const [name, value] of values) {
    const isHeader = secretHeaders.has(name.toLowerCase())
    if (value.length < shortestSecret || !(isHeader || secretParams.has(name))) continue
    secrets.push(value)
    const parts = isHeader ? value.split(/[\s;,=]+/) : []
    secrets.push(...parts.filter((part) => part !== value && part.length >= shortestPart))
  }
  return secrets
}

/** A copy of JSON data in which each occurrence of a secret is masked, also an encoded one. */
export function redact(data: unknown, secrets: readonly string[]): unknown {
  if (typeof data === 'string') {
    let text = data
    for (const form of secrets.flatMap(encodings)) text = text.replaceAll(form, '***')
    return text
  }
  if (Array.isArray(data)) return data.map((item) => redact(item, secrets))
  if (typeof data === 'object' && data !== null) {
    return Object.fromEntries(
      Object.entries(data).map(([name, value]) => [redact(name, secrets), redact(value, secrets)]),
    )
  }
  return data
}

/** A text as it is, as a form has it, and as `encodeURIComponent` makes it, which throws for half a pair. */
function encodings(text: string): string[] {
  const form = new URLSearchParams([['', text]]).toString().slice(1)
  const uri = form.replaceAll('+', '%20').replaceAll(/%(?:2[1789]|7E)/g, decodeURIComponent)
  return [text, form, uri]
}
