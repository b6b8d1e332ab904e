import { pairs } from './pairs.ts'
import { changesOf, recordComparisons, recordedComparisons } from './sections.ts'

/*
 * Records that the documents of both languages say the same. Run it after you have changed a section in both languages:
 * node docs/src/translation/record-translations.ts
 *
 * If only one language needed the change, for example for a spelling mistake, name the English document:
 * node docs/src/translation/record-translations.ts SECURITY.md
 */
const recorded = recordedComparisons()
const compared = process.argv.slice(2)
const oneSided = pairs
  .filter(({ english }) => !compared.includes(english))
  .flatMap((pair) =>
    changesOf(pair, recorded[pair.english])
      .filter(({ english, chinese }) => english !== chinese)
      .map(
        ({ heading, english }) =>
          `${english ? pair.english : pair.chinese}: only this language has changed: ${heading}`,
      ),
  )
if (oneSided.length > 0) {
  process.stderr.write(`${oneSided.join('\n')}\n`)
  process.exitCode = 1
} else {
  recordComparisons()
}
