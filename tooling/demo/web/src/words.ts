/* How the page puts values into words. */

/** A time in seconds as `1 h 59 min`, and below an hour as `59:59`. */
export function timeLeft(seconds: number): string {
  if (seconds <= 0) return 'expired'
  const minutes = Math.floor(seconds / 60)
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
  return `${minutes}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
}

/** What stands for a name in a circle: of a Chinese name its last two characters, of others two first letters. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const [first = ''] = words
  if (/\p{Script=Han}/u.test(first)) return [...first].slice(-2).join('')
  const letters = words.map((word) => [...word][0] ?? '')
  return (words.length > 1 ? `${letters[0]}${letters.at(-1)}` : (letters[0] ?? '')).toUpperCase()
}
