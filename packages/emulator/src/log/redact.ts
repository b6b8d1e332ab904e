import { base64url, sha256 } from '../domain/webcrypto.ts'

/** How many characters of a value the log keeps. */
const maxCharacters = 2000

/** What stands in place of a secret: the same secret can be followed through the log, and not be used. */
export async function fingerprint(secret: string): Promise<string> {
  return `***${base64url(await sha256(secret)).slice(0, 8)}***`
}

/** The fingerprint of any value, and how long that was. */
export async function redact(value: unknown): Promise<unknown> {
  if (value === null) return null
  const secret = typeof value === 'string' ? value : toJson(value)
  return `${await fingerprint(secret)} (${secret.length} characters)`
}

/** The beginning of a long text, and how long that was. */
export function shorten(text: string): string {
  if (text.length <= maxCharacters) return text
  return `${text.slice(0, maxCharacters)}… (${text.length} characters)`
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    // It can be nested too deep to be written, though not to be read.
    return ''
  }
}
