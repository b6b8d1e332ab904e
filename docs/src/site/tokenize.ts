/**
 * Splits a text into the words that the search finds. `Intl.Segmenter` splits Chinese. A name with underscores is found
 * as a whole and by its parts.
 *
 * VitePress copies the source of this function into the pages: it must not use other functions of this file.
 */
export function tokenize(text: string): string[] {
  const words: string[] = []
  for (const part of text.split(/[^\p{L}\p{M}\p{N}_]+/u)) {
    if (part === '') continue
    if (/\p{Script=Han}/u.test(part)) {
      const segments = new Intl.Segmenter('zh', { granularity: 'word' }).segment(part)
      words.push(...[...segments].filter(({ isWordLike }) => isWordLike).map(({ segment }) => segment))
      continue
    }
    words.push(part)
    const parts = part.split('_').filter((word) => word !== '')
    if (parts.length > 1) words.push(...parts)
  }
  return words
}
