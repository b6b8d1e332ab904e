import { expect, it } from 'vitest'
import type { BenchmarkResult } from '../harness/benchmark.ts'
import { drawChart } from './draw-chart.ts'

const benchmark: BenchmarkResult = {
  name: 'Refresh & rotation',
  unit: 'ns',
  targets: [],
  candidates: [
    { name: 'a package', role: 'other', packages: [], values: [180, 200, 240] },
    { name: 'ours', role: 'ours', packages: [], values: [90, 100, 120] },
    { name: 'fetch', role: 'baseline', packages: [], values: [45, 50, 60] },
  ],
}
const draw = (result = benchmark) => drawChart('Title', [result], (text) => text)
const points = (svg: string) =>
  [
    ...svg.matchAll(
      /<path class="spread (\w+)" d="M([\d.]+) [\d.]+H([\d.]+)"\/><circle class="\w+" cx="([\d.]+)"/g,
    ),
  ].map(([, role, low, high, median]) => ({
    role,
    low: Number(low),
    median: Number(median),
    high: Number(high),
  }))

it('draws ours first, then the others by their ratio, with their values', () => {
  const svg = draw()
  expect(points(svg).map(({ role }) => role)).toEqual(['ours', 'baseline', 'other'])
  expect(svg).toMatch(/>100 ns<.*>0.50×<.*>2.00×</s)
})

it('draws half and twice of ours at the same distance, because the axis is logarithmic', () => {
  const [ours, baseline, other] = points(draw()).map(({ median }) => median) as [number, number, number]
  expect(ours - baseline).toBeCloseTo(other - ours, 0)
})

it('draws a line from one quartile to the other', () => {
  const [ours] = points(draw())
  expect(ours?.low).toBeLessThan(ours?.median as number)
  expect(ours?.high).toBeGreaterThan(ours?.median as number)
})

it('draws a difference that is not positive at the end of the axis', () => {
  const values = [-10, 20, 30]
  const svg = draw({
    ...benchmark,
    candidates: benchmark.candidates.map((each, at) => (at === 0 ? { ...each, values } : each)),
  })
  expect(svg).not.toContain('NaN')
})

it('shows names as text', () => {
  expect(draw()).toContain('Refresh &amp; rotation')
})

it('splits a long name after a comma, and follows the colour scheme', () => {
  const svg = draw({
    ...benchmark,
    name: `${'many callers '.repeat(5)}, ${'time until all have a token '.repeat(2)}`,
  })
  expect(svg.match(/class="name"/g)).toHaveLength(2)
  expect(svg).toContain('@media (prefers-color-scheme: dark)')
})
