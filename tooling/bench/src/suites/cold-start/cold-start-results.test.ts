import { expect, it } from 'vitest'
import { coldStartBenchmarks } from './cold-start-results.ts'

const others = ['google-auth-library'] as const
const starts = {
  empty: [
    [40, 400],
    [42, 420],
    [90, 410],
  ],
  imports: { 'auth-jwt': [62, 610], core: [52, 510], 'google-auth-library': [102, 1010], ky: [47, 460] },
  firstTokens: { 'auth-jwt': [80, 800], 'google-auth-library': [120, 1200], ky: [60, 600] },
}

it('returns for each of our scripts the import without the startup of Node.js, and the whole process', () => {
  const rows = [
    { ours: 'auth-jwt', others, baseline: 'ky', hasToken: true, minRatio: 0.5 },
    { ours: 'core', others: [], baseline: 'ky', hasToken: false },
  ] as const
  const results = coldStartBenchmarks(rows, starts)
  const shown = results.map(({ candidates }) =>
    candidates.map(({ name, role, values }) => [name, role, values]),
  )
  expect(shown).toEqual([
    [
      ['@pds/auth-jwt', 'ours', [20, 200]],
      ['google-auth-library', 'other', [60, 600]],
      ['ky', 'baseline', [5, 50]],
    ],
    [
      ['@pds/auth-jwt', 'ours', [80, 800]],
      ['google-auth-library', 'other', [120, 1200]],
      ['ky', 'baseline', [60, 600]],
    ],
    [
      ['@pds/core', 'ours', [10, 100]],
      ['ky', 'baseline', [5, 50]],
    ],
  ])
  expect(results.map(({ targets }) => targets)).toEqual([[{ against: 'ky', minRatio: 0.5 }], [], []])
})
