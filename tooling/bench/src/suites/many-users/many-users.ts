import type {
  BenchmarkResult,
  Candidate,
  CandidateResult,
  Settings,
  Target,
  Unit,
} from '../../harness/benchmark.ts'
import { measureInRounds } from '../../harness/measure-in-rounds.ts'
import { type RequestProcess, startProcess } from '../../harness/request-process.ts'
import { memoryBackend, type StoreBackend, startStoreBackends } from '../store-backends.ts'
import { sessionPackages } from './session-of-user.ts'
import { baselines } from './token-cache.ts'
import type { UsersRequest, UsersResponse } from './users-process-messages.ts'

type UsersProcess = RequestProcess<UsersRequest, UsersResponse>

/** How many users get their tokens from a pool. */
type Users = Pick<UsersRequest, 'earlier' | 'users' | 'max'>

/** A row of the report. */
interface Metric {
  /** Its name without the store. */
  name: string
  unit: Unit
  read(response: UsersResponse, users: Users): number
  /** Replaces the baseline by a value of the same process, before the first calls. */
  before?: { name: string; read(response: UsersResponse): number }
  targets?: (store: StoreBackend['name']) => readonly Target[]
}

const belowFiftyMilliseconds: Target = { maxMedian: 50e6 }

const firstTokens = 'First tokens of 10,000 users'
const cachedTokens = 'Cached tokens of 10,000 users'
const manyUsersMetrics: readonly Metric[] = [
  { name: `${firstTokens}, time per user`, unit: 'ns', read: ({ first }, { users }) => first.time / users },
  {
    name: `${firstTokens}, event-loop delay, 99th percentile`,
    unit: 'ns',
    read: ({ first }) => first.delayP99,
    targets: () => [belowFiftyMilliseconds],
  },
  {
    name: `${firstTokens}, longest event-loop delay`,
    unit: 'ns',
    read: ({ first }) => first.longestDelay,
    targets: (store) => (store === 'SQLite' ? [belowFiftyMilliseconds] : []),
  },
  {
    name: `${cachedTokens}, event-loop delay, 99th percentile`,
    unit: 'ns',
    read: ({ cached }) => cached.delayP99,
    targets: () => [belowFiftyMilliseconds],
  },
  {
    name: `${cachedTokens}, longest event-loop delay`,
    unit: 'ns',
    read: ({ cached }) => cached.longestDelay,
  },
]

/** Measures the first and the cached tokens of many users of a pool, which is large enough for all of them. */
export function manyUsers(settings: Settings): Promise<BenchmarkResult[]> {
  const users = settings.isSmoke ? 50 : 10_000
  // The many users of a round make up for the rounds.
  const rounds = Math.min(settings.rounds, 3)
  return measureStores({ earlier: 0, users, max: users }, manyUsersMetrics, { ...settings, rounds })
}

const evictions = '100,000 users through a pool of 10,000'
const evictionMetrics: readonly Metric[] = [
  { name: `${evictions}, time per user`, unit: 'ns', read: ({ first }, { users }) => first.time / users },
  {
    name: `${evictions}, event-loop delay, 99th percentile`,
    unit: 'ns',
    read: ({ first }) => first.delayP99,
    targets: () => [belowFiftyMilliseconds],
  },
  {
    name: `${evictions}, memory`,
    unit: 'bytes',
    read: ({ bytesAfter }) => bytesAfter,
    before: { name: 'after 10,000 users', read: ({ bytesBefore }) => bytesBefore },
    // A memory store keeps the records in the same memory.
    targets: (store) => (store === 'memory' ? [] : [{ against: 'after 10,000 users', minRatio: 0.98 }]),
  },
]

/** Measures the first tokens of many more users than a pool keeps open. */
export function manyEvictions(settings: Settings): Promise<BenchmarkResult[]> {
  const max = settings.isSmoke ? 50 : 10_000
  const users: Users = { earlier: max, users: 9 * max, max }
  // One round takes minutes.
  return measureStores(users, evictionMetrics, { ...settings, rounds: 1 })
}

async function measureStores(
  users: Users,
  metrics: readonly Metric[],
  settings: Settings,
): Promise<BenchmarkResult[]> {
  const { backends, close } = await startStoreBackends()
  const child: UsersProcess = startProcess(new URL('users-process.ts', import.meta.url), ['--expose-gc'])
  try {
    const results: BenchmarkResult[] = []
    for (const backend of [memoryBackend, ...backends]) {
      results.push(...(await measureStore(child, backend, users, metrics, settings)))
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
  child: UsersProcess,
  backend: StoreBackend,
  users: Users,
  metrics: readonly Metric[],
  settings: Settings,
): Promise<BenchmarkResult[]> {
  const { name: store, packages } = backend
  const clients = packages.filter((each) => !each.startsWith('@pds/'))
  const ours = candidateOf(child, { ...users, backend, isBaseline: false }, 'users.get(id).getAccessToken', [
    ...sessionPackages,
    ...packages,
  ])
  const baseline = candidateOf(child, { ...users, backend, isBaseline: true }, baselines[store], clients)
  await measureInRounds({ name: '', unit: 'ns', candidates: [ours, baseline] }, settings)

  return metrics.map(({ name, unit, read, before, targets }): BenchmarkResult => {
    const resultOf = ({ name, role, packages, responses }: UsersCandidate) => {
      return { name, role, packages, values: responses.map((response) => read(response, users)) }
    }
    const compared: CandidateResult = before
      ? { name: before.name, role: 'baseline', packages: [], values: ours.responses.map(before.read) }
      : resultOf(baseline)
    return {
      name: `${name}, ${store} store`,
      ...{ unit, store, targets: targets?.(store) ?? [] },
      candidates: [resultOf(ours), compared],
    }
  })
}

/** A candidate with the response of its process in each round. */
type UsersCandidate = Candidate & { readonly responses: UsersResponse[] }

function candidateOf(
  child: UsersProcess,
  complete: UsersRequest,
  name: string,
  packages: readonly string[],
): UsersCandidate {
  const responses: UsersResponse[] = []
  const tenth = (count: number) => Math.ceil(count / 10)
  const { earlier, users, max, isBaseline } = complete
  return {
    ...{ name, role: isBaseline ? 'baseline' : 'ours', packages, responses },
    async check() {
      await child.request({ ...complete, earlier: tenth(earlier), users: tenth(users), max: tenth(max) })
    },
    async measure() {
      const response = await child.request(complete)
      responses.push(response)
      return response.first.time
    },
  }
}
