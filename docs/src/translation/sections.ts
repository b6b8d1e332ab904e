import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readDocument } from '../documents/documents.ts'
import { type Pair, pairs } from './pairs.ts'

/*
 * translated.json has a digest of each section of each pair of documents, from the last time that somebody compared them.
 * A section with another digest has changed since.
 */

const file = fileURLToPath(new URL('translated.json', import.meta.url))

/** The digests of each section in English and in Chinese, separated by a space, by its English heading. */
export type Comparison = Readonly<Record<string, string>>

/** A section whose text differs from the last comparison. */
export interface Change {
  heading: string
  english: boolean
  chinese: boolean
}

/** Returns the digests that were recorded, by the English document. */
export function recordedComparisons(): Record<string, Comparison> {
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** Writes the present digests of all pairs. */
export function recordComparisons(): void {
  const comparisons = Object.fromEntries(pairs.map((pair) => [pair.english, compareSections(pair)]))
  writeFileSync(file, `${JSON.stringify(comparisons, null, 2)}\n`)
}

/** Returns the sections of a pair that differ from the recorded digests. */
export function changesOf(pair: Pair, recorded: Comparison = {}): Change[] {
  return Object.entries(compareSections(pair))
    .map(([heading, digests]) => {
      // A section with a new heading or number has no record. Its digests may be in the record of its old heading.
      const old = [recorded[heading] ?? Object.values(recorded)].flat().map((record) => record.split(' '))
      const [english, chinese] = digests.split(' ')
      return {
        heading,
        english: old.every(([digest]) => digest !== english),
        chinese: old.every(([, digest]) => digest !== chinese),
      }
    })
    .filter(({ english, chinese }) => english || chinese)
}

/** Returns the digests of the sections of a pair. */
export function compareSections({ english, chinese }: Pair): Comparison {
  const translated = sectionsOf(readDocument(chinese))
  const comparison: Record<string, string> = {}
  for (const [index, section] of sectionsOf(readDocument(english)).entries()) {
    const [line = ''] = section.split('\n', 1)
    const heading = line.replace(/^#+ /, '')
    // Two chapters can have sections with the same heading.
    const key = heading in comparison ? `${heading} (${index + 1})` : heading
    comparison[key] = `${digest(section)} ${digest(translated[index] ?? '')}`
  }
  return comparison
}

/** Returns the sections of a document, each with its heading. */
function sectionsOf(text: string): string[] {
  // Blocks of code may have lines like headings. Another test compares generated blocks.
  const code: string[] = []
  const prose = text
    .replaceAll(/(<!-- [\w-]+:begin -->)[\s\S]*?(?=<!-- [\w-]+:end -->)/g, '$1')
    .replaceAll(/^( *)(```+).*\n[\s\S]*?^\1\2$/gm, (block) => `\0${code.push(block) - 1}\0`)
  return prose
    .split(/^(?=#+ )/m)
    .map((section) => section.replaceAll(/\0(\d+)\0/g, (_, index) => code[Number(index)] ?? ''))
    .filter((section) => section.trim() !== '')
}

/** Line breaks and runs of spaces do not count. */
function digest(section: string): string {
  return createHash('sha256').update(section.replaceAll(/\s+/g, ' ').trim()).digest('hex').slice(0, 8)
}
