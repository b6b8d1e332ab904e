import type { BenchmarkResult } from '../harness/benchmark.ts'
import { spreadOf } from '../harness/statistics.ts'
import { formatAmount } from './format-numbers.ts'
import { ourCandidate } from './format-result.ts'
import { replaceMarked } from './performance-page.ts'
import type { Report } from './report.ts'
import { storesOf } from './stores-table.ts'

/* The figures of the guide "How many users, which store". */

/** Returns the guide with the figures of a report. Throws if the report lacks a benchmark. */
export function updateGuide(page: string, { benchmarks }: Pick<Report, 'benchmarks'>): string {
  const find = (name: string) => {
    const found = benchmarks.find((each) => each.name === name)
    if (!found) throw new Error(`the report has no benchmark "${name}"`)
    return found
  }
  const withMemory = replaceMarked(page, 'memory', memoryTable(find))
  const withStores = replaceMarked(withMemory, 'stores', storesTable(storesOf(benchmarks), find))
  return replaceMarked(withStores, 'throttling', throttlingTable(find))
}

type Find = (name: string) => BenchmarkResult

function memoryTable(find: Find): string {
  const rows = ['memoryStore', 'sqliteStore'].map((store) => {
    const session = medianOf(find(`Memory of an idle session, 10,000 sessions in a pool with ${store}`))
    const place = store === 'memoryStore' ? 'a `memoryStore`' : 'another store'
    return [
      `with its record in ${place}`,
      formatAmount(session, 'bytes'),
      formatAmount(session * 10_000, 'bytes'),
    ]
  })
  return table(['an open session', 'memory', '10,000 of them'], rows)
}

function storesTable(stores: readonly string[], find: Find): string {
  const evictions = '100,000 users through a pool of 10,000'
  const row = (title: string, format: (store: string) => string) => [title, ...stores.map(format)]
  const amountOf = (name: string) => (store: string) => {
    const result = find(`${name}, ${store} store`)
    return formatAmount(medianOf(result), result.unit)
  }
  const delay = 'event-loop delay, 99th percentile'
  return table(
    ['10,000 users', ...stores],
    [
      row('time for each first token', amountOf('First tokens of 10,000 users, time per user')),
      row('first tokens a second', (store) => {
        const time = medianOf(find(`First tokens of 10,000 users, time per user, ${store} store`))
        return (Math.round(1e7 / time) * 100).toLocaleString('en')
      }),
      row('time for each cached token', amountOf('Cached token of 10,000 users in random order')),
      row('delay of the event loop, first tokens', amountOf(`First tokens of 10,000 users, ${delay}`)),
      row('delay of the event loop, cached tokens', amountOf(`Cached tokens of 10,000 users, ${delay}`)),
      row('time for each first token, 100,000 users', amountOf(`${evictions}, time per user`)),
      row('delay of the event loop, 100,000 users', amountOf(`${evictions}, ${delay}`)),
      row('memory that an evicted session leaves', (store) => {
        const { candidates } = find(`${evictions}, memory, ${store} store`)
        const [after = 0, before = 0] = candidates.map(({ values }) => spreadOf(values).median)
        const bytes = (after - before) / 90_000
        return bytes < 50 ? 'none' : formatAmount(bytes, 'bytes')
      }),
    ],
  )
}

function throttlingTable(find: Find): string {
  const limits = ['20 requests at a time', '200 requests a second']
  return table(
    ['the service takes', 'rejected requests', 'time until 1,000 users have a token'],
    limits.map((limit) => {
      const name = `1,000 callers, a service of ${limit}`
      const share = medianOf(find(`${name}, share of rejected requests`))
      const time = medianOf(find(`${name}, time until all have a token`))
      return [limit, formatAmount(share, 'share'), formatAmount(time, 'ns')]
    }),
  )
}

function medianOf(result: BenchmarkResult): number {
  return spreadOf(ourCandidate(result).values).median
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const [first, ...others] = [head, ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  return [first, `|${'---|'.repeat(head.length)}`, ...others].join('\n')
}
