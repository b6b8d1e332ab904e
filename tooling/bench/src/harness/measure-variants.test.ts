import { expect, it } from 'vitest'
import type { Candidate, Role } from './benchmark.ts'
import { measureVariants } from './measure-variants.ts'

it('returns a benchmark for each variant, and measures the shared candidates once', async () => {
  const calls: string[] = []
  const candidate = (name: string, role: Role): Candidate => ({
    name,
    role,
    packages: [name],
    measure: async () => calls.push(name),
  })
  const variants = [
    { name: 'with a', ours: candidate('a', 'ours'), targets: [{ maxMedian: 10 }] },
    { name: 'with b', ours: candidate('b', 'ours') },
  ]
  const others = [candidate('other', 'other'), candidate('baseline', 'baseline')]
  const measured = await measureVariants('ns', variants, others, { rounds: 1, minTime: 1, isSmoke: true })

  expect(calls).toEqual(['a', 'b', 'other', 'baseline'])
  const values = ({ candidates }: (typeof measured)[number]) =>
    candidates.map(({ name, values }) => [name, ...values])
  expect(measured.map((result) => [result.name, result.targets, values(result)])).toEqual([
    [
      'with a',
      [{ maxMedian: 10 }],
      [
        ['a', 1],
        ['other', 3],
        ['baseline', 4],
      ],
    ],
    [
      'with b',
      [],
      [
        ['b', 2],
        ['other', 3],
        ['baseline', 4],
      ],
    ],
  ])
})
