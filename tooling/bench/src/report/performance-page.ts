import { formatRow, tableHead } from './format-result.ts'
import type { Report } from './report.ts'

const [begin, end] = ['<!-- bench:begin -->', '<!-- bench:end -->']

/** Returns a Markdown page with the environment and the table of the report between its two markers. */
export function updatePage(page: string, report: Report): string {
  const [before, after, ...others] = page.split(new RegExp(`${begin}[^]*?${end}`))
  if (before === undefined || after === undefined || others.length > 0) {
    throw new Error(`the page must contain the lines ${begin} and ${end} once, in this order`)
  }
  const { date, machine, rounds, versions, benchmarks } = report
  const packages = Object.entries(versions).filter(([name]) => !name.startsWith('@pds/'))
  return `${before}${begin}
- Date: ${date}
- Machine: ${machine.cores} cores of ${machine.processor}, ${machine.memory} GiB of memory, ${machine.system}
- Node.js: ${machine.node}
- Rounds: ${rounds}
- Packages: ${packages.map((nameAndVersion) => nameAndVersion.join(' ')).join(', ')}

${tableHead}
${benchmarks.map(formatRow).join('\n')}
${end}${after}`
}
