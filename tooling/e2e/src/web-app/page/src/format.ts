/* How the page shows values. */

/** Formats a number of seconds as `1 h 59 min`, or as `59:59` if it is below an hour. */
export function formatTimeLeft(seconds: number): string {
  if (seconds <= 0) return 'expired'
  const minutes = Math.floor(seconds / 60)
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
  return `${minutes}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
}

/** Returns the initials of a name: the last two characters of a Chinese name, otherwise up to two first letters. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const [first = ''] = words
  if (/\p{Script=Han}/u.test(first)) return [...first].slice(-2).join('')
  const letters = words.map((word) => [...word][0] ?? '')
  return (words.length > 1 ? `${letters[0]}${letters.at(-1)}` : (letters[0] ?? '')).toUpperCase()
}

/** Returns the first 8 hexadecimal digits of a token's SHA-256, which the page shows instead of the token. */
export async function fingerprint(token: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))
  const bytes = new Uint8Array(digest, 0, 4)
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
