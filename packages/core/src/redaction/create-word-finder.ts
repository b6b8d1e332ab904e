// A word that is equal to a shorter secret may be a coincidence.
const minWordLength = 4

/**
 * Returns a function that finds words in a text. Characters between their letters and digits, and accents, are ignored. A
 * word of less than 4 characters is found only as the whole text.
 */
export function createWordFinder(words: ReadonlySet<string>): (text: string) => boolean {
  if (words.size === 0) return () => false
  const pattern = new RegExp([...words].map(patternOf).join('|'), 'iu')
  return (text) => pattern.test(text.normalize('NFD'))
}

const other = '[^\\p{L}\\p{N}]*'

function patternOf(word: string): string {
  const spaced = [...word].join(other)
  return word.length < minWordLength
    ? `^${other}${spaced}${other}$`
    : `(?<![\\p{L}\\p{N}])${spaced}(?![\\p{L}\\p{N}])`
}
