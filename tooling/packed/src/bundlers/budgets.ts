import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type BundlerName, bundlerNames } from './bundlers.ts'

/** Sizes of bundles in bytes, minified and gzipped, by what is imported and by bundler; or what they may be. */
export type Sizes = Record<string, Partial<Record<BundlerName, number>>>

/** The environment variable with which a run writes the budgets instead of keeping to them. */
export const writeVariable = 'PDS_WRITE_BUDGETS'

const file = fileURLToPath(new URL('./budgets.json', import.meta.url))

export const budgets: Sizes = JSON.parse(readFileSync(file, 'utf8'))

/** Writes the budgets of these sizes. */
export function writeBudgets(sizes: Sizes): Sizes {
  const rows = Object.entries(sizes).map(([title, row]) => {
    const limits = bundlerNames.map((bundler) => [bundler, budgetFor(row[bundler] ?? 0)])
    return [title, Object.fromEntries(limits)]
  })
  const written: Sizes = Object.fromEntries(rows)
  // A row to a line.
  const lines = Object.entries(written).map(([title, row]) => {
    return `  ${JSON.stringify(title)}: ${JSON.stringify(row, null, 1).replaceAll(/\n\s*/g, ' ')}`
  })
  writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`)
  return written
}

/** A hundredth more than a size and some bytes: another version of a bundler or of gzip may need them. */
function budgetFor(bytes: number): number {
  return Math.ceil((bytes * 1.01 + 20) / 10) * 10
}

/** Throws where a size is above its budget or far below it, and says what to do. */
export function keepToBudget(title: string, bundler: BundlerName, bytes: number): void {
  const limit = budgets[title]?.[bundler] ?? 0
  const size = `${title}: ${bytes} bytes min+gzip by ${bundler}`
  const write = `${writeVariable}=1 npm run test:packed -- src/bundlers writes budgets.json`
  if (bytes > limit) {
    throw new Error(`${size}; its budget is ${limit}: make it smaller, or, where it is worth it, ${write}`)
  }
  // What was saved once would be lost again without a word.
  if (bytes < limit * 0.95 - 50) throw new Error(`${size}; its budget of ${limit} is far above: ${write}`)
}

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
