import { expect, it } from 'vitest'
import type { Contender, Role } from './benchmark.ts'
import { measureEachOfOurs } from './measure-variants.ts'

it('gives each of ours a work with the others, who are measured once', async () => {
  const calls: string[] = []
  const contender = (name: string, role: Role): Contender => ({
    name,
    role,
    packages: [name],
    measure: async () => calls.push(name),
  })
  const works = [
    { name: 'with a', ours: contender('a', 'ours'), targets: [{ of: 'a', below: 10 }] },
    { name: 'with b', ours: contender('b', 'ours') },
  ]
  const others = [contender('peer', 'peer'), contender('limit', 'limit')]
  const measured = await measureEachOfOurs('ns', works, others, { rounds: 1, time: 1, isSmoke: true })

  expect(calls).toEqual(['a', 'b', 'peer', 'limit'])
  const values = (all: (typeof measured)[number]) =>
    all.contenders.map(({ name, values }) => [name, ...values])
  expect(measured.map((work) => [work.name, work.targets, values(work)])).toEqual([
    [
      'with a',
      [{ of: 'a', below: 10 }],
      [
        ['a', 1],
        ['peer', 3],
        ['limit', 4],
      ],
    ],
    [
      'with b',
      [],
      [
        ['b', 2],
        ['peer', 3],
        ['limit', 4],
      ],
    ],
  ])
})
