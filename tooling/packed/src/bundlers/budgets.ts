import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type BundlerName, bundlerNames } from './bundlers.ts'

/** Sizes or budgets of bundles in bytes, minified and gzipped, by the title of the imports and by bundler. */
export type Sizes = Record<string, Partial<Record<BundlerName, number>>>

/** If this environment variable is 1, a run writes the budgets instead of checking them. */
export const writeVariable = 'PDS_WRITE_BUDGETS'

const file = fileURLToPath(new URL('./budgets.json', import.meta.url))

export const budgets: Sizes = JSON.parse(readFileSync(file, 'utf8'))

/** Writes the budgets for these sizes, and returns the budgets. */
export function writeBudgets(sizes: Sizes): Sizes {
  const rows = Object.entries(sizes).map(([title, row]) => {
    const limits = bundlerNames.map((bundler) => [bundler, budgetFor(row[bundler] ?? 0)])
    return [title, Object.fromEntries(limits)]
  })
  const written: Sizes = Object.fromEntries(rows)
  // Each row is a line.
  const lines = Object.entries(written).map(([title, row]) => {
    return `  ${JSON.stringify(title)}: ${JSON.stringify(row, null, 1).replaceAll(/\n\s*/g, ' ')}`
  })
  writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`)
  return written
}

/** Returns a size plus 1 % and 20 bytes, rounded up: another version of a bundler or of gzip may need them. */
function budgetFor(bytes: number): number {
  return Math.ceil((bytes * 1.01 + 20) / 10) * 10
}

/** Throws if a size is above its budget or far below it. The message says what to do. */
export function checkBudget(title: string, bundler: BundlerName, bytes: number): void {
  const limit = budgets[title]?.[bundler] ?? 0
  const size = `${title}: ${bytes} bytes min+gzip by ${bundler}`
  const write = `to write budgets.json, run ${writeVariable}=1 npm run test:packed -- src/bundlers`
  if (bytes > limit) {
    throw new Error(`${size}, above its budget of ${limit}. Make it smaller, or raise the budget: ${write}`)
  }
  // With a budget far above the size, a later increase would go unnoticed.
  if (bytes < limit * 0.95 - 50) {
    throw new Error(`${size}, far below its budget of ${limit}. Lower the budget: ${write}`)
  }
}

/** Returns a Markdown table of sizes, each with its budget. */
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
