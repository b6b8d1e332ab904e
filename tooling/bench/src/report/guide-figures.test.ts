import { expect, it } from 'vitest'
import { updateGuide } from './guide-figures.ts'
import { readStoredReport } from './report.ts'

const page = ['memory', 'stores', 'throttling']
  .map((marker) => `<!-- ${marker}:begin -->\n<!-- ${marker}:end -->\n`)
  .join('\n')

it('fills each table of the guide, with a column for each store', () => {
  const tables = updateGuide(page, readStoredReport()).split('\n\n')
  expect(tables[0]).toContain('| an open session | memory | 10,000 of them |')
  expect(tables[1]).toMatch(/^\| 10,000 users \| memory \| SQLite /m)
  expect(tables[1]).toMatch(/^\| memory that an evicted session leaves \| [\d.]+ kB \| none /m)
  expect(tables[2]).toMatch(/^\| 20 requests at a time \| [\d.]+% \| [\d.]+ m?s \|$/m)
})

it('rejects a report without one of the benchmarks', () => {
  const { benchmarks } = readStoredReport()
  const rest = benchmarks.filter(({ name }) => !name.startsWith('100,000 users'))
  expect(() => updateGuide(page, { benchmarks: rest })).toThrow('the report has no benchmark "100,000 users')
})
