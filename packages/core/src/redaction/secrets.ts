// Names of parameters, fields and headers: those of the protocol, and those that such things commonly have.
const secretNames =
  /tokens?$|token_list$|secret|passw|passphrase|pwd$|assertion$|verifier$|authorization$|cookie|private_?key|api[-_]?key$|(^|[-_])auth$|credentials?$|signature$/i

// A shorter value is no secret, and masking it would garble the messages that happen to contain it. The parts of a
// header are longer: what is shorter there is a scheme, such as Bearer, or a name.
const minSecretLength = 4
const minPartLength = 8

/** Whether what has this name is a secret. */
export function isSecretName(name: string): boolean {
  return secretNames.test(name)
}

/** Collects the values of the secret ones among headers, and the parts of them that are credentials by themselves. */
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

/** Leaves out what is too short to be known again without garbling what it is not. */
export function longEnough(secrets: readonly string[]): string[] {
  return secrets.filter((value) => value.length >= minSecretLength)
}

/** What `Basic` credentials (RFC 7617 section 2) consist of: user and password, and the password. */
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

/** Collects the values of the secret ones among parameters, at any depth. */
export function secretsOfParams(params: unknown): string[] {
  const secrets: string[] = []
  const seen = new Set<object>()
  const waiting = [{ value: params, isSecret: false }]
  for (const { value, isSecret } of waiting) {
    if (typeof value === 'object' && value !== null) {
      if (seen.has(value)) continue
      seen.add(value)
      for (const [name, field] of Object.entries(value)) {
        // In an answer, `code` is the code of an error.
        waiting.push({ value: field, isSecret: isSecret || name === 'code' || isSecretName(name) })
      }
    } else if (isSecret && (typeof value === 'string' || typeof value === 'number')) {
      secrets.push(String(value))
    }
  }
  return longEnough(secrets)
}
