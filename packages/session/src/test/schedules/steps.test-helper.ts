import fc from 'fast-check'
import { isRequest } from './clockwork.test-helper.ts'
import { turnedAway } from './failures.test-helper.ts'
import type { WorldOptions } from './process.test-helper.ts'
import type { World } from './world.test-helper.ts'

const minute = 60_000
// How long the network and the store take at the most where nothing fails.
export const slowest = 5000

/** Picks one of the processes, or of the operations that can go on. */
const pick = fc.nat(11)
const named = <Name extends string>(name: Name) => ({ do: fc.constant(name) })

const steps = {
  work: fc.record({
    ...named('work'),
    // Odd ones take an operation one step further, even ones to its end.
    picks: fc.array(fc.nat(23), { minLength: 1, maxLength: 8 }),
  }),
  ask: fc.record({ ...named('ask'), process: pick, callers: fc.integer({ min: 1, max: 3 }) }),
  reject: fc.record({ ...named('reject'), process: pick }),
  wait: fc.record({ ...named('pass'), time: fc.nat(700) }),
  // Past timeouts, past leases, into the time for a renewal, into the last 30 seconds of a token, past its end.
  pass: fc.record({
    ...named('pass'),
    time: fc.constantFrom(
      5000,
      15_000,
      40_000,
      ...[5, 108, 115, 119.7, 120, 300].map((time) => time * minute),
    ),
  }),
  signIn: fc.record({ ...named('signIn'), process: pick }),
  signOut: fc.record({ ...named('signOut'), process: pick }),
  turnAway: fc.record({ ...named('turnAway'), operation: pick, how: pick }),
  fail: fc.record({ ...named('fail'), operation: pick, how: pick }),
  freeze: fc.record({ ...named('freeze'), process: pick }),
  wake: fc.record(named('wake')),
  kill: fc.record({ ...named('kill'), process: pick }),
}

type Name = keyof typeof steps
export type Step = (typeof steps)[Name] extends fc.Arbitrary<infer Value> ? Value : never

/** Any order of steps, each of them as often as its weight says. */
export function schedules(weights: Partial<Record<Name, number>>): fc.Arbitrary<Step[]> {
  const weighted = Object.entries(weights).map(([name, weight]) => ({
    arbitrary: steps[name as Name] as fc.Arbitrary<Step>,
    weight,
  }))
  return fc.array(fc.oneof(...weighted), { maxLength: 60, size: 'max' })
}

export function worlds(...servers: WorldOptions['server'][]): fc.Arbitrary<WorldOptions> {
  return fc.record({
    application: fc.constantFrom<WorldOptions['application']>('oauth', 'oauth', 'jwt', 'both'),
    processes: fc.integer({ min: 2, max: 4 }),
    server: fc.constantFrom(...servers),
    isAbortable: fc.boolean(),
    random: fc.nat(),
  })
}

/** Takes the steps. Where nothing fails, nothing takes longer than `slowest` either: what is under way is ended first. */
export async function play(world: World, schedule: readonly Step[], nothingFails: boolean): Promise<void> {
  let pendingFor = 0
  for (const step of schedule) {
    if (step.do === 'pass' && nothingFails) {
      pendingFor += step.time
      if (pendingFor > slowest) {
        await world.rest()
        pendingFor = 0
      }
    }
    await take(world, step)
  }
}

async function take(world: World, step: Step): Promise<void> {
  const { clockwork, processes } = world
  const process = 'process' in step ? pickFrom(processes, step.process) : undefined
  if (process?.state === 'frozen' && step.do !== 'kill') return
  switch (step.do) {
    case 'work':
      for (const picked of step.picks) {
        const operation = pickFrom(clockwork.pending, picked >> 1)
        if (operation) await clockwork.work(operation, picked % 2 === 0)
      }
      return
    case 'pass': {
      // In hours, all that happens to those who wait is that they try again.
      const isAwaited = clockwork.pending.length > 0
      return clockwork.pass(isAwaited ? Math.min(step.time, 5 * minute) : step.time)
    }
    case 'turnAway': {
      const requests = clockwork.pending.filter((operation) => isRequest(operation) && !operation.result)
      const request = pickFrom(requests, step.operation)
      if (request) await clockwork.fail(request, turnedAway[step.how % turnedAway.length] ?? step.how)
      return
    }
    case 'fail': {
      const operation = pickFrom(clockwork.pending, step.operation)
      if (operation) await clockwork.fail(operation, step.how)
      return
    }
    case 'wake':
      return world.wakeAll()
  }
  if (!process) return
  switch (step.do) {
    case 'ask':
      for (let caller = 0; caller < step.callers; caller++) await world.ask(process)
      return
    case 'reject':
      await world.ask(process, process.given)
      return
    case 'signIn':
      await world.signIn(process)
      return
    default:
      return world[step.do](process)
  }
}

function pickFrom<Item>(items: readonly Item[], index: number): Item | undefined {
  return items[index % items.length]
}
