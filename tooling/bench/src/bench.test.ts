import { describe, expect, it } from 'vitest'
import { bench } from './bench.test-helper.ts'
import { keptReport } from './report/kept-report.ts'
import { languages } from './report/languages.ts'
import { readmeBlock, writeReadmeBlock } from './report/readme-block.ts'

it('says how it is used, where it is asked for something else', async () => {
  await expect(bench('--only', 'nothing')).rejects.toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(
      /^there is no suite nothing: there are user-token, .*\n\npnpm bench \[--only NAME\]/,
    ),
  })
})

describe.each(languages)('$file', (language) => {
  it('has the numbers of the kept report', () => {
    if (process.env.PDS_WRITE_TABLES) writeReadmeBlock(keptReport, language)
    const { is, must } = readmeBlock(keptReport, language)
    expect(is, 'PDS_WRITE_TABLES=1 pnpm unit run --project bench writes them').toBe(must)
  })
})

it('the kept report is of a whole run', () => {
  expect(keptReport.rounds).toBeGreaterThanOrEqual(15)
  for (const { name, unit, contenders } of keptReport.works) {
    const counts = contenders.map(({ values }) => values.length)
    // Bytes are nearly the same each time.
    const least = unit === 'bytes' ? 1 : keptReport.rounds
    expect(Math.min(...counts), name).toBeGreaterThanOrEqual(least)
  }
})
