import fc from 'fast-check'
import { isRequest } from './clockwork.test-helper.ts'
import { unexecutedFailures } from './failures.test-helper.ts'
import { loseWrites, lossOptions } from './lost-writes.test-helper.ts'
import type { WorldOptions } from './process.test-helper.ts'
import type { World } from './world.test-helper.ts'

const minute = 60_000
// The longest duration of an operation if nothing fails, in milliseconds.
export const maxOperationTime = 5000

/** An index of a process, an operation or a failure, modulo their number. */
const pick = fc.nat(11)
const named = <Name extends string>(name: Name) => ({ do: fc.constant(name) })

const steps = {
  work: fc.record({
    ...named('work'),
    // An odd number takes an operation one step further, an even number to its end.
    picks: fc.array(fc.nat(23), { minLength: 1, maxLength: 8 }),
  }),
  ask: fc.record({ ...named('ask'), process: pick, callers: fc.integer({ min: 1, max: 3 }) }),
  reject: fc.record({ ...named('reject'), process: pick }),
  wait: fc.record({ ...named('pass'), time: fc.nat(700) }),
  // Times beyond request timeouts and leases, into the soft window, into a token's last 30 seconds, and past its expiry.
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
  failUnexecuted: fc.record({ ...named('failUnexecuted'), operation: pick, how: pick }),
  fail: fc.record({ ...named('fail'), operation: pick, how: pick }),
  freeze: fc.record({ ...named('freeze'), process: pick }),
  wake: fc.record(named('wake')),
  kill: fc.record({ ...named('kill'), process: pick }),
  evict: fc.record({ ...named('evict'), process: pick }),
  loseWrites: fc.record({ ...named('loseWrites'), process: pick, ...lossOptions }),
}

type Name = keyof typeof steps
export type Step = (typeof steps)[Name] extends fc.Arbitrary<infer Value> ? Value : never

/** Generates schedules: up to 60 steps in any order, each as frequent as its weight. */
export function schedules(weights: Partial<Record<Name, number>>): fc.Arbitrary<Step[]> {
  const weighted = Object.entries(weights).map(([name, weight]) => ({
    arbitrary: steps[name as Name] as fc.Arbitrary<Step>,
    weight,
  }))
  return fc.array(fc.oneof(...weighted), { maxLength: 60, size: 'max' })
}

/** Generates the options of worlds with 2 to 4 processes. `changes` are the same for all. */
export function worlds(
  servers: readonly WorldOptions['server'][],
  changes: Partial<WorldOptions> = {},
): fc.Arbitrary<WorldOptions> {
  const options = fc.record({
    application: fc.constantFrom<WorldOptions['application']>('oauth', 'oauth', 'jwt', 'both'),
    processes: fc.integer({ min: 2, max: 4 }),
    server: fc.constantFrom(...servers),
    isAbortable: fc.boolean(),
    random: fc.nat(),
  })
  return options.map((each) => ({
    ...each,
    refreshResponse: 'new',
    isWatching: each.random % 2 === 0,
    isPooled: false,
    ...changes,
  }))
}

/**
 * Plays a schedule. If nothing fails, all pending operations are ended before more than `maxOperationTime` passes, so
 * that none times out.
 */
export async function play(world: World, schedule: readonly Step[], nothingFails: boolean): Promise<void> {
  let pendingFor = 0
  for (const step of schedule) {
    if (step.do === 'pass' && nothingFails) {
      pendingFor += step.time
      if (pendingFor > maxOperationTime) {
        await world.rest()
        pendingFor = 0
      }
    }
    await playStep(world, step)
  }
}

async function playStep(world: World, step: Step): Promise<void> {
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
      // Longer waits only repeat the same pauses.
      const isAwaited = clockwork.pending.length > 0
      return clockwork.pass(isAwaited ? Math.min(step.time, 5 * minute) : step.time)
    }
    case 'failUnexecuted': {
      const requests = clockwork.pending.filter((operation) => isRequest(operation) && !operation.result)
      const request = pickFrom(requests, step.operation)
      const failure = unexecutedFailures[step.how % unexecutedFailures.length] ?? step.how
      if (request) await clockwork.fail(request, failure)
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
      await world.ask(process, process.lastToken)
      return
    case 'signIn':
      await world.signIn(process)
      return
    case 'loseWrites':
      return loseWrites(world, process, step)
    default:
      return world[step.do](process)
  }
}

function pickFrom<Item>(items: readonly Item[], index: number): Item | undefined {
  return items[index % items.length]
}
