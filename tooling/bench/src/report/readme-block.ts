import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Language } from './languages.ts'
import { readmeNumbers } from './readme-numbers.ts'
import type { Report } from './report.ts'

const [begin, end] = ['<!-- bench:begin -->', '<!-- bench:end -->']

/** The numbers as they stand in a README, and as they must stand there. */
export function readmeBlock(report: Report, language: Language): { is: string; must: string } {
  const found = readFileSync(fileOf(language), 'utf8').split(begin)[1]?.split(end)
  if (found?.length !== 2) throw new Error(`${language.file} needs the lines ${begin} and ${end}, once each`)
  return { is: found[0] ?? '', must: readmeNumbers(report, language) }
}

/** Puts the numbers of a report into a README. */
export function writeReadmeBlock(report: Report, language: Language): void {
  const file = fileOf(language)
  const { is, must } = readmeBlock(report, language)
  const text = readFileSync(file, 'utf8')
  writeFileSync(
    file,
    text.replace(begin + is + end, () => begin + must + end),
  )
}

function fileOf({ file }: Language): string {
  return fileURLToPath(new URL(`../../../../${file}`, import.meta.url))
}
