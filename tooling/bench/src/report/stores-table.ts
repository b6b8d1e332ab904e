import type { BenchmarkResult, StoreName } from '../harness/benchmark.ts'
import { formatCell } from './format-result.ts'

/** Returns a Markdown table of the benchmarks of many users: a row for each, with a column for each store. */
export function formatStoresTable(benchmarks: readonly BenchmarkResult[]): string {
  const stores = storesOf(benchmarks)
  const ofStores = benchmarks.filter(({ store }) => store !== undefined)
  const lines = [...new Set(ofStores.map(nameWithoutStore))].map((name) => {
    const cells = stores.map((store) => {
      const result = ofStores.find((each) => each.store === store && nameWithoutStore(each) === name)
      return result ? formatCell(result) : '—'
    })
    return `| ${[name, ...cells].join(' | ')} |`
  })
  return [`| benchmark | ${stores.join(' | ')} |`, `|---${'|---'.repeat(stores.length)}|`, ...lines].join(
    '\n',
  )
}

/** Returns the stores of the benchmarks in their order. */
export function storesOf(benchmarks: readonly BenchmarkResult[]): StoreName[] {
  return [...new Set(benchmarks.flatMap(({ store }) => store ?? []))]
}

function nameWithoutStore({ name, store }: BenchmarkResult): string {
  const end = `, ${store} store`
  if (!name.endsWith(end)) throw new Error(`the name of the benchmark "${name}" must end with "${end}"`)
  return name.slice(0, -end.length)
}
