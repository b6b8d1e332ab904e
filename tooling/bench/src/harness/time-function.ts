import { measure } from 'mitata'
import type { Candidate, Role, Settings } from './benchmark.ts'

/** A candidate that is a function. */
export interface TimedFunction<T> {
  name: string
  role: Role
  packages: readonly string[]
  run(): T
  /** Returns whether the result of `run` is the expected one. */
  isExpected(result: Awaited<T>): boolean
}

/** Returns a candidate that times a function from call to result, with this many concurrent calls. */
export function timeFunction<T>(timed: TimedFunction<T>, settings: Settings, concurrency = 1): Candidate {
  const { name, role, packages, run, isExpected } = timed
  // With four times as many calls as run at once, the last calls, which run alone, hardly count.
  const calls = settings.isSmoke ? concurrency : 4 * concurrency
  const sample = concurrency === 1 ? run : () => runConcurrently(calls, concurrency, async () => run())
  let isWarm = settings.isSmoke
  return {
    name,
    role,
    packages,
    async check() {
      if (!isExpected(await run())) throw new Error(`${name} returned an unexpected result`)
    },
    async measure() {
      // The first measurement includes compilation, so it does not count.
      if (!isWarm) await measure(sample, mitataOptions(settings))
      isWarm = true
      const { p50 } = await measure(sample, mitataOptions(settings))
      return p50 / (concurrency === 1 ? 1 : calls)
    },
  }
}

/** Calls a function this many times. A new call starts whenever another one ends. */
async function runConcurrently(
  calls: number,
  concurrency: number,
  run: () => Promise<unknown>,
): Promise<void> {
  let started = 0
  const worker = async () => {
    while (started < calls) {
      started++
      await run()
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}

function mitataOptions({ minTime, isSmoke }: Settings) {
  if (isSmoke) return { min_samples: 1, min_cpu_time: 0, batch_samples: 4, batch_threshold: 0, gc: false }
  // In nanoseconds. Few samples are enough with concurrent calls, as each sample is a mean.
  return { min_cpu_time: minTime * 1e6, min_samples: 4 }
}
