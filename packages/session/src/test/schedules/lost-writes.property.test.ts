import { expect, it } from 'vitest'
import {
  askAll,
  daily,
  expectNothingSpentTwice,
  expectValid,
  forAllSchedules,
  numRuns,
  type Run,
  rest,
  signInFirst,
} from './properties.test-helper.ts'
import { play, schedules, worlds } from './steps.test-helper.ts'
import type { World } from './world.test-helper.ts'

/*
 * A store that loses its last write or all records, for example in a failover, while a process knows the lost state and
 * had it confirmed within its poll interval. Step: `loseWrites`.
 */

// Two properties share the schedules.
const runs = numRuns / 2
const minute = 60_000
// Such a store does not tell that a session knows all changes.
const unwatched = { isWatching: false }
const schedule = schedules({ ...daily, signIn: 2, signOut: 1, loseWrites: 8 })

/** Expects that the sign-in that was stored last is valid for all processes, or that all are signed out. */
async function expectLastChange(world: World): Promise<void> {
  await rest(world)
  await world.clockwork.pass(minute)
  await askAll(world)
  const callers = await askAll(world)
  if (world.record.state.status !== 'signed_out') return expectValid(callers)
  for (const { error } of callers) expect(error).toMatchObject({ cause: 'signed_out' })
}

it('a process that notices the loss first restores the state before anything is spent', async () => {
  const run: Run = async (world, steps) => {
    await signInFirst(world)
    const losses = steps.map((step) => ('areOthersFirst' in step ? { ...step, areOthersFirst: false } : step))
    await play(world, losses, true)
    await expectLastChange(world)
    expectNothingSpentTwice(world)
  }
  await forAllSchedules(worlds(['strict', 'family'], unwatched), schedule, run, runs)
})

it('processes that use the store before that end no sign-in, and undo no sign-out', async () => {
  const run: Run = async (world, steps) => {
    await signInFirst(world)
    await play(world, steps, true)
    await expectLastChange(world)
  }
  await forAllSchedules(worlds(['strict', 'grace'], unwatched), schedule, run, runs)
})
