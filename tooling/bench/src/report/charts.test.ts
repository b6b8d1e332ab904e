import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { toChinese } from 'shared/chinese'
import { describe, expect, it } from 'vitest'
import { charts } from './charts.ts'
import { drawChart } from './draw-chart.ts'
import { readStoredReport } from './report.ts'

const { benchmarks } = readStoredReport()

it('each benchmark is in one chart', () => {
  const shown = benchmarks.map((benchmark) => charts.filter((chart) => chart.shows(benchmark)).length)
  expect(shown).toEqual(benchmarks.map(() => 1))
})

describe.each([
  ['docs/charts', (text: string) => text],
  ['docs/zh/charts', toChinese],
])('%s', (folder, localize) => {
  it.each(charts)('$name.svg shows the stored report', ({ name, title, shows }) => {
    const file = fileURLToPath(new URL(`../../../../${folder}/${name}.svg`, import.meta.url))
    const drawn = drawChart(title, benchmarks.filter(shows), localize)
    if (process.env.PDS_WRITE_TABLES) {
      mkdirSync(fileURLToPath(new URL(`../../../../${folder}`, import.meta.url)), { recursive: true })
      writeFileSync(file, drawn)
    } else
      expect(readFileSync(file, 'utf8'), 'PDS_WRITE_TABLES=1 pnpm unit --project bench updates it').toBe(
        drawn,
      )
  })
})
