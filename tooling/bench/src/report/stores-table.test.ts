import { expect, it } from 'vitest'
import type { BenchmarkResult, StoreName } from '../harness/benchmark.ts'
import { formatStoresTable } from './stores-table.ts'

const result = (name: string, store: StoreName, ours: readonly number[]): BenchmarkResult => ({
  ...{ name, store, unit: 'ns', targets: [] },
  candidates: [
    { name: 'createSessions', role: 'ours', packages: [], values: ours },
    { name: 'a Map', role: 'baseline', packages: [], values: ours.map((value) => value / 4) },
  ],
})

it('has a row for each benchmark and a column for each store, and omits benchmarks without a store', () => {
  const { store: _, ...withoutStore } = result('User token', 'memory', [1])
  const benchmarks = [
    withoutStore,
    result('First tokens, memory store', 'memory', [1000, 2000, 1600]),
    result('Evictions, memory store', 'memory', [5e6]),
    result('First tokens, Redis store', 'Redis', [3000]),
  ]
  expect(formatStoresTable(benchmarks)).toBe(`| benchmark | memory | Redis |
|---|---|---|
| First tokens | 1.60 µs ±16%, 0.25× | 3.00 µs, 0.25× |
| Evictions | 5.00 ms, 0.25× | — |`)
})

it('rejects a benchmark whose name does not end with its store', () => {
  expect(() => formatStoresTable([result('First tokens', 'SQLite', [1])])).toThrow(
    'must end with ", SQLite store"',
  )
})
