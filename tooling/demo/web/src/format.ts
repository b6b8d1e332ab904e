import type { Texts } from './texts/en.ts'

/* How the page shows values. */

/** Formats a number of seconds as hours and minutes, or as `59:59` if it is below an hour. */
export function formatTimeLeft(seconds: number, { hours, expired }: Texts['token']): string {
  if (seconds <= 0) return expired
  const minutes = Math.floor(seconds / 60)
  if (minutes >= 60) return hours(Math.floor(minutes / 60), minutes % 60)
  return `${minutes}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
}

/** Formats a time of the day with seconds. */
export function formatTime(time: number, lang: string): string {
  return new Date(time).toLocaleTimeString(lang, { hourCycle: 'h23' })
}

/** Returns the initials of a name: the last two characters of a Chinese name, otherwise up to two first letters. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const [first = ''] = words
  if (/\p{Script=Han}/u.test(first)) return [...first].slice(-2).join('')
  const letters = words.map((word) => [...word][0] ?? '')
  return (words.length > 1 ? `${letters[0]}${letters.at(-1)}` : (letters[0] ?? '')).toUpperCase()
}

/** Formats the JSON of a response. Other bodies are shown as they are, up to 2000 characters. */
export function formatBody(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body.slice(0, 2000)
  }
}

/** Returns the first 8 hexadecimal digits of a token's SHA-256, which the page shows instead of the token. */
export async function fingerprint(token: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))
  const bytes = new Uint8Array(digest, 0, 4)
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
