import { setTimeout } from 'node:timers/promises'
import { seededRandom } from 'shared/seeded-random'
import { startProcesses } from 'shared/start-processes'
import { CallerProcess } from './caller-process.ts'
import type { StormMessage, StormOptions } from './storm-messages.ts'

/** The options of a storm. Times are in milliseconds. */
export interface StormPlan extends StormOptions {
  seed: number
  /** The number of processes. */
  processes: number
  duration: number
  /** How long a process is stopped at most. */
  longestStop: number
}

/** What happened in a storm. */
export interface StormReport {
  /** The number of processes that were killed. */
  kills: number
  /** How often a process was stopped. */
  stops: number
  /** How often each process that was not killed called its session, in all. */
  calls: number
  /** The errors of failed calls, also of processes that were killed later, with their numbers. */
  failures: Record<string, number>
  /** The types of the events of all sessions. */
  events: Set<string>
  /** How often an error or an event contained a secret. */
  leaks: number
  /** Everything that the processes have printed. */
  output: string
  /** The time from the start of the first callers to the end of the last, in milliseconds. */
  time: number
}

/**
 * Kills or stops a random process every 50 to 300 ms. A killed process is replaced by a new one, and a stopped process
 * resumes after a while.
 */
export async function runStorm(plan: StormPlan): Promise<StormReport> {
  const startedAt = performance.now()
  const report: StormReport = {
    ...{ kills: 0, stops: 0, calls: 0, leaks: 0, output: '', time: 0 },
    failures: {},
    events: new Set(),
  }
  const start = () => CallerProcess.start(plan, (message) => note(report, message))
  const fleet: (CallerProcess | undefined)[] = await startProcesses(plan.processes, start)
  try {
    await sendSignals(plan, fleet, start, report)
    const outputs = await Promise.all(fleet.map((each) => each?.end()))
    report.output += outputs.join('')
  } finally {
    await Promise.all(fleet.map((each) => each?.kill()))
  }
  report.time = performance.now() - startedAt
  return report
}

/** Sends signals until the storm is over, and waits until all processes run again. */
async function sendSignals(
  { seed, processes, duration, longestStop }: StormPlan,
  fleet: (CallerProcess | undefined)[],
  start: () => Promise<CallerProcess>,
  report: StormReport,
): Promise<void> {
  const random = seededRandom(seed)
  const recoveries: Promise<void>[] = []
  const replace = async (index: number, victim: CallerProcess) => {
    fleet[index] = undefined
    report.output += await victim.kill()
    fleet[index] = await start()
  }
  const resumeLater = async (victim: CallerProcess, delay: number) => {
    await setTimeout(delay)
    victim.resume()
  }
  const until = performance.now() + duration
  while (performance.now() < until) {
    // Each round draws as many numbers, so that the seed decides about all rounds.
    const pause = 50 + 250 * random()
    const index = Math.floor(processes * random())
    const isKill = random() < 0.4
    const stop = 100 + (longestStop - 100) * random() ** 2
    await setTimeout(pause)
    const victim = fleet[index]
    // The replacement of a killed process takes a moment to start.
    if (!victim) continue
    if (isKill) {
      report.kills++
      recoveries.push(replace(index, victim))
    } else if (!victim.isStopped) {
      report.stops++
      victim.stop()
      recoveries.push(resumeLater(victim, stop))
    }
  }
  await Promise.all(recoveries)
}

function note(report: StormReport, message: StormMessage): void {
  switch (message.type) {
    case 'done':
      report.calls += message.calls
      return
    case 'failed':
      report.failures[message.error] = (report.failures[message.error] ?? 0) + 1
      return
    case 'event':
      report.events.add(message.name)
      return
    case 'leaked':
      report.leaks++
  }
}
