import { measure } from 'mitata'
import { atATime } from './at-a-time.ts'
import type { Contender, Role, Settings } from './benchmark.ts'

/** A contender that is a function. */
export interface TimedFunction<T> {
  name: string
  role: Role
  packages: readonly string[]
  run(): T
  /** Whether what it gives is what the work is to give. */
  isRight(result: Awaited<T>): boolean
}

/** Makes a contender of a function: it is timed from call to result, alone or so many at a time. */
export function timeFunction<T>(timed: TimedFunction<T>, settings: Settings, atOnce = 1): Contender {
  const { name, role, packages, run, isRight } = timed
  // In one measurement: so many that the last ones to end, who are alone by then, hardly count.
  const times = settings.isSmoke ? atOnce : 4 * atOnce
  const once = atOnce === 1 ? run : () => atATime(times, atOnce, async () => run())
  let isWarm = settings.isSmoke
  return {
    name,
    role,
    packages,
    async check() {
      if (!isRight(await run())) throw new Error(`${name} did not do the work`)
    },
    async measure() {
      // What is compiled at first is not what is measured.
      if (!isWarm) await measure(once, options(settings))
      isWarm = true
      const { p50 } = await measure(once, options(settings))
      return p50 / (atOnce === 1 ? 1 : times)
    },
  }
}

/** Those of mitata, whose times are in nanoseconds. */
function options({ time, isSmoke }: Settings) {
  return isSmoke
    ? { min_samples: 1, min_cpu_time: 0, batch_samples: 4, batch_threshold: 0, gc: false }
    : // A sample of many at a time is a mean already.
      { min_cpu_time: time * 1e6, min_samples: 4 }
}
