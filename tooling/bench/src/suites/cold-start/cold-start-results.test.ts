import { expect, it } from 'vitest'
import { splitColdStarts } from './cold-start-results.ts'

const peers = ['google-auth-library'] as const
const starts = {
  nothing: [
    [40, 400],
    [42, 420],
    [90, 410],
  ],
  imported: { 'auth-jwt': [62, 610], core: [52, 510], 'google-auth-library': [102, 1010], ky: [47, 460] },
  withToken: { 'auth-jwt': [80, 800], 'google-auth-library': [120, 1200], ky: [60, 600] },
}

it('makes an import without the start of Node.js, and a whole process, of each of ours', () => {
  const rows = [
    { ours: 'auth-jwt', peers, limit: 'ky', hasToken: true },
    { ours: 'core', peers: [], limit: 'ky', hasToken: false },
  ] as const
  const works = splitColdStarts(rows, starts)
  const shown = works.map(({ contenders }) =>
    contenders.map(({ name, role, values }) => [name, role, values]),
  )
  expect(shown).toEqual([
    [
      ['@pds/auth-jwt', 'ours', [20, 200]],
      ['google-auth-library', 'peer', [60, 600]],
      ['ky', 'limit', [5, 50]],
    ],
    [
      ['@pds/auth-jwt', 'ours', [80, 800]],
      ['google-auth-library', 'peer', [120, 1200]],
      ['ky', 'limit', [60, 600]],
    ],
    [
      ['@pds/core', 'ours', [10, 100]],
      ['ky', 'limit', [5, 50]],
    ],
  ])
  // One of them is wanted to be quick, where nothing hides it.
  expect(works.map(({ targets }) => targets)).toEqual([
    [{ of: '@pds/auth-jwt', against: 'ky', atMost: 1.15 }],
    [],
    [],
  ])
})
