import type { Benchmark, BenchmarkResult, Candidate, Settings } from '../../harness/benchmark.ts'
import { measureInRounds } from '../../harness/measure-in-rounds.ts'
import { type RequestProcess, startProcess } from '../../harness/request-process.ts'
import { type StoreBackend, startStoreBackends } from '../store-backends.ts'
import { sessionPackages } from './session-of-user.ts'

/** A request to the process in which users get their first tokens. */
export interface FirstTokensRequest {
  /** Undefined for a memory store. */
  backend: StoreBackend | undefined
  /** The number of users. */
  users: number
  /** Whether each token is written without a session. */
  isBaseline: boolean
}

export interface FirstTokensResponse {
  /** The time until all users have their tokens, in nanoseconds. */
  time: number
  /** The longest time for which the event loop was blocked, in nanoseconds. */
  stall: number
}

type FirstTokensProcess = RequestProcess<FirstTokensRequest, FirstTokensResponse>

const baselines = {
  memory: 'a Map',
  SQLite: 'node:sqlite, one transaction per turn',
  Redis: 'ioredis SET',
} as const

/** Measures the first tokens of many users: the time per user, and the longest stall of the event loop. */
export async function firstTokens(settings: Settings): Promise<BenchmarkResult[]> {
  const { backends, close } = await startStoreBackends()
  const file = new URL('first-tokens-process.ts', import.meta.url)
  const child: FirstTokensProcess = startProcess(file, ['--expose-gc'])
  try {
    const results: BenchmarkResult[] = []
    for (const backend of [undefined, ...backends]) {
      results.push(...(await measureStore(child, backend, settings)))
    }
    return results
  } finally {
    try {
      await child.end()
    } finally {
      await close()
    }
  }
}

async function measureStore(
  child: FirstTokensProcess,
  backend: StoreBackend | undefined,
  settings: Settings,
): Promise<BenchmarkResult[]> {
  const users = settings.isSmoke ? 50 : 10_000
  const store = backend?.name ?? 'memory'
  const stalls = new Map<string, number[]>()
  const candidate = (role: 'ours' | 'baseline', name: string, packages: readonly string[]): Candidate => {
    const values: number[] = []
    stalls.set(name, values)
    const run = (count: number) => child.request({ backend, users: count, isBaseline: role === 'baseline' })
    return {
      ...{ name, role, packages },
      check: async () => void (await run(Math.ceil(users / 10))),
      async measure() {
        const { time, stall } = await run(users)
        values.push(stall)
        return time / users
      },
    }
  }
  // The number of a complete run. A smoke run has fewer users.
  const name = `First tokens of 10,000 users, ${store} store`
  const packages = backend?.packages ?? []
  const benchmark: Benchmark = {
    name: `${name}, time per user`,
    unit: 'ns',
    candidates: [
      candidate('ours', 'session.getAccessToken', [...sessionPackages, ...packages]),
      candidate(
        'baseline',
        baselines[store],
        packages.filter((each) => !each.startsWith('@pds/')),
      ),
    ],
  }
  const times = await measureInRounds(benchmark, settings)
  return [
    times,
    {
      ...times,
      name: `${name}, longest stall of the event loop`,
      targets: store === 'SQLite' ? [{ maxMedian: 50e6 }] : [],
      candidates: times.candidates.map((each) => ({ ...each, values: stalls.get(each.name) ?? [] })),
    },
  ]
}
