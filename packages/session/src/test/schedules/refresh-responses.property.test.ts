import { expect, it } from 'vitest'
import {
  askAll,
  daily,
  expectNothingSavableLost,
  expectNothingSpentTwice,
  expectValid,
  failing,
  forAllSchedules,
  isSavable,
  numRuns,
  type Run,
  rest,
  signInFirst,
} from './properties.test-helper.ts'
import { play, schedules, worlds } from './steps.test-helper.ts'

/* Servers whose refresh responses keep the access token, or contain no refresh token. */

// Three properties share the schedules. These servers differ little from the others.
const runs = numRuns / 3
const hour = 3_600_000
// The server returns an access token again that a caller has rejected.
const accepting = { ...daily, reject: 0 }
const sameAccess = { refreshResponse: 'same access' } as const
const noRefresh = { refreshResponse: 'no refresh' } as const

it('a server that keeps the access token: no refresh token is sent twice', async () => {
  const run: Run = async (world, schedule) => {
    await signInFirst(world)
    await play(world, schedule, true)
    await rest(world)
    await askAll(world)
    expectValid(await askAll(world))
    expectNothingSpentTwice(world)
  }
  await forAllSchedules(worlds(['strict', 'family'], sameAccess), schedules(accepting), run, runs)
})

it('a server that keeps the access token: no failure loses a refresh token that could be saved', async () => {
  const options = worlds(['strict', 'strict', 'grace', 'family'], { ...sameAccess, application: 'oauth' })
  // After a sign-out that the store failed to write, a session accepts the access token no more.
  const schedule = schedules({ ...accepting, ...failing, freeze: 8, signOut: 0 })
  const run: Run = async (world, steps, options) => {
    await expectNothingSavableLost(world, steps, options)
    if (options.server === 'family' || !isSavable(world)) return
    // Until the access token expires, a lost refresh token does not show.
    await world.clockwork.pass(3 * hour)
    expectValid(await askAll(world))
  }
  await forAllSchedules(options, schedule, run, runs)
})

it('a server that returns no refresh token: the old one is kept', async () => {
  const schedule = schedules({ ...daily, ...failing, signOut: 0 })
  const run: Run = async (world, steps, options) => {
    await expectNothingSavableLost(world, steps, options)
    expect(world.server.deadUses).toBe(0)
    expect(world.record.requiredLogins).toEqual([])
  }
  await forAllSchedules(worlds(['strict'], noRefresh), schedule, run, runs)
})
