import { charts } from './charts.ts'
import { formatRow, tableHead } from './format-result.ts'
import type { Report } from './report.ts'
import { formatStoresTable } from './stores-table.ts'

/** Returns a Markdown page with a text between its two markers. */
export function replaceMarked(page: string, marker: string, text: string): string {
  const [begin, end] = [`<!-- ${marker}:begin -->`, `<!-- ${marker}:end -->`]
  const [before, after, ...others] = page.split(new RegExp(`${begin}[^]*?${end}`))
  if (before === undefined || after === undefined || others.length > 0) {
    throw new Error(`the page must contain the lines ${begin} and ${end} once, in this order`)
  }
  return `${before}${begin}\n${text}\n${end}${after}`
}

/** Returns the performance page with the environment and the tables of a report, and with the images of the charts. */
export function updatePage(page: string, report: Report): string {
  const { date, machine, rounds, versions, benchmarks } = report
  const packages = Object.entries(versions).filter(([name]) => !name.startsWith('@pds/'))
  const text = `- Date: ${date}
- Machine: ${machine.cores} cores of ${machine.processor}, ${machine.memory} GiB of memory, ${machine.system}
- Node.js: ${machine.node}
- Rounds: ${rounds}
- Packages: ${packages.map((nameAndVersion) => nameAndVersion.join(' ')).join(', ')}

${tableHead}
${benchmarks
  .filter(({ store }) => store === undefined)
  .map(formatRow)
  .join('\n')}`
  const images = charts.map(
    ({ name, title }) =>
      `![${title}: the ratio of each package to ours, with the quartiles](charts/${name}.svg)`,
  )
  const withTables = replaceMarked(
    replaceMarked(page, 'bench', text),
    'stores',
    formatStoresTable(benchmarks),
  )
  return replaceMarked(withTables, 'charts', images.join('\n\n'))
}
