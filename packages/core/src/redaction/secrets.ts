// Names of secret parameters, fields and headers: those of the protocol, and common names for secrets.
const secretNames =
  /tokens?$|token_list$|secret|passw|passphrase|pwd$|assertion$|verifier$|authorization$|cookie|private[-_ ]?key|api[-_ ]?key$|(^|[-_])auth$|credentials?$|signature$/i

/** Returns whether the value of a parameter, field or header with this name is a secret. */
export function isSecretName(name: string): boolean {
  return secretNames.test(name)
}

/** Returns the values of secret parameters in JSON data, at any depth. */
export function secretsOfParams(params: unknown): string[] {
  const secrets: string[] = []
  const waiting = [{ value: params, isSecret: false }]
  for (const { value, isSecret } of waiting) {
    if (typeof value === 'object' && value !== null) {
      for (const [name, field] of Object.entries(value)) {
        // `code` is a secret in requests only: in responses it is an error code.
        waiting.push({ value: field, isSecret: isSecret || name === 'code' || isSecretName(name) })
      }
    } else if (isSecret && value) secrets.push(String(value))
  }
  return secrets
}
