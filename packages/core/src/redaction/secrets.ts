// Names of secret parameters, fields and headers: those of the protocol, and common names for secrets.
const secretNames =
  /tokens?$|token_list$|secret|passw|passphrase|pwd$|assertion$|verifier$|authorization$|cookie|private_?key|api[-_]?key$|(^|[-_])auth$|credentials?$|signature$/i

// Shorter values are not secrets, and redacting them would garble messages that contain them by chance. The minimum for
// the parts of a header is longer: shorter parts are names or a scheme such as Bearer.
const minSecretLength = 4
const minPartLength = 8

/** Returns whether the value of a parameter, field or header with this name is a secret. */
export function isSecretName(name: string): boolean {
  return secretNames.test(name)
}

/** Returns the values of secret headers, and the credentials inside them. */
export function secretsOfHeaders(headers: Readonly<Record<string, string>>): string[] {
  const secrets: string[] = []
  for (const [name, value] of Object.entries(headers)) {
    if (!isSecretName(name)) continue
    const parts = value.split(/[\s;,=]+/).filter((part) => part.length >= minPartLength)
    const cookies = /cookie/i.test(name) ? value.split(/;\s*/).map((pair) => pair.replace(/^[^=]*=/, '')) : []
    secrets.push(value, ...parts, ...cookies, ...basicCredentials(value))
  }
  return longEnough([...new Set(secrets)])
}

/** Returns the secrets that are long enough to be redacted. */
export function longEnough(secrets: readonly string[]): string[] {
  return secrets.filter((value) => value.length >= minSecretLength)
}

/** Returns the parts of `Basic` credentials (RFC 7617 section 2): user and password, and the password alone. */
function basicCredentials(value: string): string[] {
  const [, encoded] = /^Basic\s+([\w+/=-]+)$/i.exec(value) ?? []
  if (encoded === undefined) return []
  try {
    const decoded = new TextDecoder().decode(Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0)))
    return [decoded, decoded.replace(/^[^:]*:/, '')]
  } catch {
    return []
  }
}

/** Returns the values of secret parameters at any depth. */
export function secretsOfParams(params: unknown): string[] {
  const secrets: string[] = []
  const seen = new Set<object>()
  const waiting = [{ value: params, isSecret: false }]
  for (const { value, isSecret } of waiting) {
    if (typeof value === 'object' && value !== null) {
      if (seen.has(value)) continue
      seen.add(value)
      for (const [name, field] of Object.entries(value)) {
        // `code` is a secret in requests only: in responses it is an error code.
        waiting.push({ value: field, isSecret: isSecret || name === 'code' || isSecretName(name) })
      }
    } else if (isSecret && (typeof value === 'string' || typeof value === 'number')) {
      secrets.push(String(value))
    }
  }
  return longEnough(secrets)
}
