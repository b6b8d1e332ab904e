import { base64url, sha256 } from '../domain/webcrypto.ts'

/** The maximum number of characters that the log keeps of a value. */
const maxCharacters = 2000

/** Returns the fingerprint that replaces a secret in the log. Equal secrets have equal fingerprints. */
export async function fingerprint(secret: string): Promise<string> {
  return `***${base64url(await sha256(secret)).slice(0, 8)}***`
}

/** Returns the fingerprint and the length of a value. */
export async function redact(value: unknown): Promise<unknown> {
  if (value === null) return null
  const secret = typeof value === 'string' ? value : toJson(value)
  return `${await fingerprint(secret)} (${secret.length} characters)`
}

/** Returns the beginning and the length of a long text. Returns a short text unchanged. */
export function shorten(text: string): string {
  if (text.length <= maxCharacters) return text
  return `${text.slice(0, maxCharacters)}… (${text.length} characters)`
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    // JSON.parse accepts values that are nested too deeply for JSON.stringify.
    return ''
  }
}
