// The parameters and headers that are credentials, or that hold them.
const secretNames = new Set([
  'assertion',
  'authorization',
  'client_secret',
  'code',
  'code_verifier',
  'cookie',
  'proxy-authorization',
  'refresh_token',
  'x-share-token',
])

// A shorter value is no secret, and masking it would garble the messages that happen to contain it.
const shortestSecret = 4

/** Collects the values of the secret ones among named values. */
export function secretsOf(values: Iterable<readonly [name: string, value: unknown]>): string[] {
  const secrets: string[] = []
  for (const [name, value] of values) {
    if (typeof value === 'string' && value.length >= shortestSecret && secretNames.has(name.toLowerCase()))
      secrets.push(value)
  }
  return secrets
}

/** A copy of JSON data in which each occurrence of a secret is masked, also a form-encoded one. */
export function redact(data: unknown, secrets: readonly string[]): unknown {
  if (typeof data === 'string') {
    let text = data
    for (const secret of secrets) {
      text = text.replaceAll(secret, '***').replaceAll(encodeURIComponent(secret), '***')
    }
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
