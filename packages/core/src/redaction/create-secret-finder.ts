import { createWordFinder } from './create-word-finder.ts'
import { decode, encode } from './encodings.ts'
import { fold } from './fold.ts'

// So many letters and digits in a row make a secret recognizable.
const runLength = 8

/**
 * Returns a function that finds secrets in a text, also where they are encoded.
 *
 * A secret is found if it shares 8 letters and digits in a row with the text. Their case is ignored, and so are all
 * other characters between them. A secret with fewer letters and digits is found if the text is equal to it, or has it as
 * a word; see `createWordFinder`.
 *
 * The runs of the secrets are indexed once, so that each text takes linear time.
 */
export function createSecretFinder(secrets: readonly string[]): (text: string) => boolean {
  const runs = new Set<string>()
  const words = new Set<string>()
  const add = (folded: string, step = 1) => {
    for (let at = 0; at + runLength <= folded.length; at += step) runs.add(folded.slice(at, at + runLength))
  }
  for (const form of new Set(secrets.flatMap(decode))) {
    const folded = fold(form)
    if (folded.length >= runLength) add(folded)
    else if (folded) words.add(folded)
    for (const [encoded, step] of encode(form)) add(fold(encoded), step)
  }
  const hasRun = (folded: string) => {
    for (let at = 0; at + runLength <= folded.length; at++) {
      if (runs.has(folded.slice(at, at + runLength))) return true
    }
    return false
  }
  const hasWord = createWordFinder(words)
  const hasSecret = (text: string) =>
    secrets.includes(text) || (runs.size > 0 && hasRun(fold(text))) || (words.size > 0 && hasWord(text))

  return (text) => text !== '' && decode(text).some(hasSecret)
}
