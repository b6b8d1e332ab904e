import { isSecretName } from './secrets.ts'

/** Returns the credentials in secret headers, without schemes and names of cookies, which are not secret. */
export function secretsOfHeaders(headers: Readonly<Record<string, string>>): string[] {
  const secrets: string[] = []
  for (const [name, value] of Object.entries(headers)) {
    if (!isSecretName(name)) continue
    if (/cookie/i.test(name)) {
      secrets.push(...value.split(/;\s*/).map((pair) => pair.replace(/^[^=]*=/, '')))
    } else {
      const credentials = /auth/i.test(name) ? value.replace(/^[\w-]+\s+(?=\S)/, '') : value
      secrets.push(credentials, passwordOf(value))
    }
  }
  return [...new Set(secrets)].filter(Boolean)
}

/** Returns the password of `Basic` credentials (RFC 7617 section 2). */
function passwordOf(value: string): string {
  const [, encoded = ''] = /^Basic\s+([\w+/=-]+)$/i.exec(value) ?? []
  try {
    const decoded = new TextDecoder().decode(Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0)))
    return decoded.replace(/^[^:]*:/, '')
  } catch {
    return ''
  }
}
