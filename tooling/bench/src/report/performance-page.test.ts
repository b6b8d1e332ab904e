import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { charts } from './charts.ts'
import { updateGuide } from './guide-figures.ts'
import { updatePage } from './performance-page.ts'
import { type Report, readStoredReport } from './report.ts'

const report: Report = {
  date: '2026-11-25',
  machine: { processor: 'CPU', cores: 2, memory: 4, system: 'linux x64', node: '24.0.0' },
  versions: { '@pds/core': '0.0.0', ky: '2.1.0', mitata: '1.0.34' },
  rounds: 1,
  benchmarks: [
    {
      name: 'Bundle',
      unit: 'bytes',
      targets: [],
      candidates: [
        { name: '@pds/core', role: 'ours', packages: [], values: [17_000] },
        { name: 'ky', role: 'baseline', packages: [], values: [8500] },
      ],
    },
    {
      name: 'First tokens, memory store',
      unit: 'ns',
      store: 'memory',
      targets: [],
      candidates: [
        { name: 'createSessions', role: 'ours', packages: [], values: [2000] },
        { name: 'a Map', role: 'baseline', packages: [], values: [1000] },
      ],
    },
  ],
}

const stores = '<!-- stores:begin -->\n<!-- stores:end -->\n\n<!-- charts:begin -->\n<!-- charts:end -->'

it('replaces the text between the markers with the environment and the tables', () => {
  const page = `# Title\n\n<!-- bench:begin -->\nold\n<!-- bench:end -->\n\n${stores}\n\nEnd\n`
  const updated = updatePage(page, report)
  expect(updated).toBe(`# Title

<!-- bench:begin -->
- Date: 2026-11-25
- Machine: 2 cores of CPU, 4 GiB of memory, linux x64
- Node.js: 24.0.0
- Rounds: 1
- Packages: ky 2.1.0, mitata 1.0.34

| benchmark | ours | baseline | other packages |
|---|---|---|---|
| Bundle | @pds/core 17.0 kB | ky 0.50× | — |
<!-- bench:end -->

<!-- stores:begin -->
| benchmark | memory |
|---|---|
| First tokens | 2.00 µs, 0.50× |
<!-- stores:end -->

<!-- charts:begin -->
${charts.map(({ name, title }) => `![${title}: the ratio of each package to ours, with the quartiles](charts/${name}.svg)`).join('\n\n')}
<!-- charts:end -->

End
`)
  expect(updatePage(updated, report)).toBe(updated)
})

it.each(['no marker', '<!-- bench:end --><!-- bench:begin -->'])('rejects a page with %s', (page) => {
  expect(() => updatePage(`${page}${stores}`, report)).toThrow('must contain the lines')
})

it.each([
  ['docs/performance.md', updatePage],
  ['docs/guides/how-many-users.md', updateGuide],
] as const)('%s has the figures of the stored report', (name, update) => {
  const file = new URL(`../../../../${name}`, import.meta.url)
  const page = readFileSync(file, 'utf8')
  const updated = update(page, readStoredReport())
  if (process.env.PDS_WRITE_TABLES) writeFileSync(file, updated)
  else expect(page, 'PDS_WRITE_TABLES=1 pnpm unit --project bench updates it').toBe(updated)
})
