import type { BenchmarkResult } from '../harness/benchmark.ts'

/** A chart of the performance page. */
export interface Chart {
  /** The name of its file, without the extension. */
  name: string
  title: string
  /** Whether it shows a benchmark. */
  shows(benchmark: BenchmarkResult): boolean
}

const begins = (pattern: RegExp) => (benchmark: BenchmarkResult) =>
  benchmark.store === undefined && pattern.test(benchmark.name)

/** The charts in the order of the page. Each benchmark is in exactly one of them. */
export const charts: readonly Chart[] = [
  {
    name: 'user-tokens',
    title: 'User tokens and signatures',
    shows: begins(/^(User token|Signed assertion)/),
  },
  { name: 'code-exchange', title: 'Code exchange', shows: begins(/^Code exchange/) },
  { name: 'token-refresh', title: 'Token refresh', shows: begins(/^Token refresh/) },
  { name: 'cached-tokens', title: 'Cached tokens', shows: begins(/^Cached token/) },
  { name: 'many-callers', title: 'Many callers', shows: begins(/^(1,000 callers|Refresh for)/) },
  { name: 'cold-import', title: 'Cold import', shows: begins(/^Cold import/) },
  { name: 'cold-start', title: 'Cold start', shows: begins(/^(Cold start|Process)/) },
  { name: 'browser-bundles', title: 'Browser bundles', shows: begins(/^Browser bundle/) },
  { name: 'memory', title: 'Memory', shows: begins(/^Memory/) },
  { name: 'pools', title: 'Pools of sessions', shows: ({ store }) => store !== undefined },
]
