import { expect, it } from 'vitest'
import type { BenchmarkResult, Role } from '../harness/benchmark.ts'
import { formatRow, formatTarget } from './format-result.ts'

const candidate = (name: string, role: Role, ...values: number[]) => ({ name, role, packages: [], values })
const result: BenchmarkResult = {
  name: 'User token',
  unit: 'ns',
  candidates: [
    candidate('getUserJwtToken', 'ours', 1000, 2000, 1600),
    candidate('slower', 'other', 2000, 4000, 3200),
    candidate('faster', 'other', 500, 1000, 600),
    candidate('equal', 'other', 999, 1998, 1598.4),
    candidate('fetch', 'baseline', 100, 200, 160),
  ],
  targets: [],
}

it('has our median, the ratios within the rounds, deviations, and a smaller ratio of another package in bold', () => {
  expect(formatRow(result)).toBe(
    '| User token | getUserJwtToken 1.60 µs ±16% | fetch 0.10× | slower 2.00×, faster **0.50× ±6%**, equal 1.00× |',
  )
})

it('shows a dash without other packages', () => {
  const candidates = [candidate('@pds/core', 'ours', 17_000), candidate('ky', 'baseline', 8500)]
  const row = formatRow({ name: 'Bundle', unit: 'bytes', candidates, targets: [] })
  expect(row).toBe('| Bundle | @pds/core 17.0 kB | ky 0.50× | — |')
})

it('says whether targets are met', () => {
  expect(formatTarget(result, { maxMedian: 1601 })).toBe('met: User token: below 1.60 µs')
  expect(formatTarget(result, { maxMedian: 1600 })).toBe('MISSED: User token: below 1.60 µs')
  expect(formatTarget(result, { against: 'slower', minRatio: 2 })).toBe(
    'met: User token: slower at least 2.00×',
  )
  expect(formatTarget(result, { against: 'fetch', minRatio: 0.11 })).toMatch(/^MISSED/)
  expect(() => formatTarget(result, { against: 'unknown', minRatio: 1 })).toThrow('no candidate unknown')
})
