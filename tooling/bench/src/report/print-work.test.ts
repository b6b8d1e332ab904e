import { expect, it } from 'vitest'
import type { MeasuredWork } from '../harness/benchmark.ts'
import { printWork } from './print-work.ts'

const contender = (name: string, role: 'ours' | 'peer' | 'limit', ...values: number[]) => ({
  name,
  role,
  packages: [],
  values,
})
const work: MeasuredWork = {
  name: 'a token',
  unit: 'ns',
  contenders: [
    contender('own', 'ours', 1000, 2000, 4000),
    contender('other', 'peer', 1500, 4000, 10_000),
    contender('bare', 'limit', 500, 1000, 2000),
  ],
  targets: [
    { of: 'own', against: 'other', atLeast: 2 },
    { of: 'own', against: 'bare', atMost: 1.5 },
  ],
}
const settings = { rounds: 3, time: 1, isSmoke: false }

const table = `
a token      median   quartiles          against own
own          2.00 µs  1.50 µs – 3.00 µs
other        4.00 µs  2.75 µs – 7.00 µs  2.00× (1.75× – 2.25×)
limit: bare  1.00 µs  750 ns – 1.50 µs   0.50× (0.50× – 0.50×)`.slice(1)

it('shows medians with their spread, ratios within the rounds, and which targets are met', () => {
  expect(printWork(work, settings)).toBe(`${table}
  met: other takes at least 2.00× of own: 2.00×
  MISSED: own takes at most 1.50× of bare: 2.00×`)
})

it('says nothing of targets where all was done once', () => {
  expect(printWork(work, { ...settings, isSmoke: true })).toBe(table)
})
