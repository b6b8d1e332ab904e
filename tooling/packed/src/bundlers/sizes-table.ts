import type { Sizes } from './budgets.ts'
import { bundlerNames } from './bundlers.ts'

/** A table of sizes, each with its budget, in Markdown. */
export function sizesTable(sizes: Sizes, budgets: Sizes): string {
  const lines = Object.entries(sizes).map(([title, row]) => {
    const limits = budgets[title] ?? {}
    const cells = bundlerNames.map((name) => `${kilobytes(row[name])} of ${kilobytes(limits[name])}`)
    return `| ${[title, ...cells].join(' | ')} |`
  })
  return `# Sizes of bundles

In kB (1000 bytes), minified and gzipped (level 9), each with its budget.

| imported | ${bundlerNames.join(' | ')} |
|---|${'--:|'.repeat(bundlerNames.length)}
${lines.join('\n')}
`
}

function kilobytes(bytes: number | undefined): string {
  return bytes === undefined ? '–' : (bytes / 1000).toFixed(2)
}
