import { expect, it } from 'vitest'
import type { Language } from './languages.ts'
import { readmeNumbers } from './readme-numbers.ts'
import type { Report } from './report.ts'

const language: Language = {
  file: 'README.md',
  heads: ['work', 'ours', 'limit', 'others'],
  comma: ', ',
  nameOf: (name) => name.toUpperCase(),
  source: ({ date }) => `On ${date}.`,
}

const contender = (name: string, role: 'ours' | 'peer' | 'limit', ...values: number[]) => ({
  name,
  role,
  packages: [],
  values,
})

const report: Report = {
  date: '2026-11-25',
  machine: { processor: 'one', cores: 2, memory: 4, system: 'linux x64', node: '24.0.0' },
  versions: {},
  rounds: 3,
  works: [
    {
      name: 'a token',
      unit: 'ns',
      targets: [],
      contenders: [
        contender('ours', 'ours', 1000, 2000, 1500),
        contender('slower', 'peer', 2000, 4000, 3000),
        contender('faster', 'peer', 500, 1000, 750),
        contender('equal', 'peer', 999, 1998, 1498.5),
        contender('none', 'limit', 100, 200, 150),
      ],
    },
    {
      name: 'bytes',
      unit: 'bytes',
      targets: [],
      contenders: [contender('ours', 'ours', 17_000), contender('less', 'limit', 8500)],
    },
  ],
}

it('shows the median of ours, what the others take beside it, and who is ahead', () => {
  expect(readmeNumbers(report, language)).toBe(`
On 2026-11-25.

| work | ours | limit | others |
|---|---|---|---|
| A TOKEN | OURS 1.50 µs | NONE 0.10× | SLOWER 2.00×, FASTER **0.50×**, EQUAL 1.00× |
| BYTES | OURS 17.0 kB | LESS 0.50× | — |
`)
})
