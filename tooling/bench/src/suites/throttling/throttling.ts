import type { BenchmarkResult, Candidate, Settings } from '../../harness/benchmark.ts'
import { measureInRounds } from '../../harness/measure-in-rounds.ts'
import { sessionPackages } from '../many-users/session-of-user.ts'
import { plainTokens } from './plain-tokens.ts'
import {
  callThrottled,
  type GetTokens,
  poolTokens,
  startThrottledService,
  type ThrottledCalls,
  type ThrottledService,
} from './throttled-callers.ts'
import type { ServiceLimit } from './throttled-service.ts'

/** Measures many users who call for their first tokens at once, against a service that rejects a part of the requests. */
export async function throttling(settings: Settings): Promise<BenchmarkResult[]> {
  const service = startThrottledService()
  const part = settings.isSmoke ? 10 : 1
  const limits: readonly [name: string, limit: ServiceLimit][] = [
    ['20 requests at a time', { atATime: 20 }],
    ['200 requests a second', { perSecond: 200 / part }],
  ]
  try {
    const results: BenchmarkResult[] = []
    for (const [name, limit] of limits) {
      const run = (getTokens: GetTokens) => checkedCalls(service, limit, 1000 / part, getTokens)
      // The number of a complete run. A smoke run has fewer callers.
      results.push(...(await measureLimit(`1,000 callers, a service of ${name}`, run, settings)))
    }
    return results
  } finally {
    await service.end()
  }
}

/** Throws unless each caller got the token of its user, and the service issued one token for each. */
async function checkedCalls(
  service: ThrottledService,
  limit: ServiceLimit,
  callers: number,
  getTokens: GetTokens,
): Promise<ThrottledCalls> {
  const calls = await callThrottled(service, limit, callers, getTokens)
  const { succeeded, granted } = calls
  if (succeeded !== callers || granted.length !== callers) {
    throw new Error(`${succeeded} of ${callers} callers got their token, and ${granted.length} were issued`)
  }
  return calls
}

async function measureLimit(
  name: string,
  run: (getTokens: GetTokens) => Promise<ThrottledCalls>,
  settings: Settings,
): Promise<BenchmarkResult[]> {
  const shares = new Map<string, number[]>()
  const candidate = (
    role: 'ours' | 'baseline',
    name: string,
    packages: readonly string[],
    getTokens: GetTokens,
  ): Candidate => {
    const values: number[] = []
    shares.set(name, values)
    return {
      ...{ name, role, packages },
      async measure() {
        const { time, rejectedShare } = await run(getTokens)
        values.push(rejectedShare)
        return time
      },
    }
  }
  const candidates = [
    candidate('ours', 'users.get(id).getAccessToken', sessionPackages, poolTokens),
    candidate('baseline', 'crypto.sign + fetch, 32 at a time', [], plainTokens),
  ]
  const rounds = Math.min(settings.rounds, 3)
  const times = await measureInRounds(
    { name: `${name}, time until all have a token`, unit: 'ns', candidates },
    { ...settings, rounds },
  )
  return [
    times,
    {
      ...times,
      name: `${name}, share of rejected requests`,
      unit: 'share',
      targets: [{ maxMedian: 0.2 }],
      candidates: times.candidates.map((each) => ({ ...each, values: shares.get(each.name) ?? [] })),
    },
  ]
}
