import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'

/** The time that some work took, and how long it blocked the event loop, in nanoseconds. */
export interface WorkTime {
  time: number
  /** The 99th percentile of the delays of the event loop. */
  delayP99: number
  /** The longest delay of the event loop. */
  longestDelay: number
}

/** Runs some work. Returns its time, and the delays of the event loop during the work. */
export async function measureWork(work: () => Promise<void>): Promise<WorkTime> {
  // In milliseconds. An idle event loop has delays of about this time.
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  // The first delay of the work begins with a timer of the monitor.
  await setTimeout(5)
  const started = process.hrtime.bigint()
  await work()
  const time = Number(process.hrtime.bigint() - started)
  // Records the last delay.
  await setTimeout(5)
  delays.disable()
  return { time, delayP99: delays.percentile(99), longestDelay: delays.max }
}
