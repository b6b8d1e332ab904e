import { expect, it } from 'vitest'
import {
  askAll,
  daily,
  expectNoReplaced,
  expectNothingSpentTwice,
  expectValid,
  forAllSchedules,
  rest,
  signInFirst,
} from './properties.test-helper.ts'
import { maxOperationTime, play, schedules, worlds } from './steps.test-helper.ts'
import type { Caller } from './world.test-helper.ts'

/*
 * Sessions that share a store, under random schedules of operations. The seed is fixed, so a failure can be reproduced,
 * and fast-check shrinks it to the smallest schedule that fails.
 */
const minute = 60_000

it('without failures every caller gets a valid token, and no refresh token is sent twice', async () => {
  await forAllSchedules(worlds(['strict', 'family']), schedules(daily), async (world, schedule) => {
    await signInFirst(world)
    await play(world, schedule, true)
    await rest(world)
    // The first callers may get a token that is being renewed in the background.
    await askAll(world)
    const callers = await askAll(world)
    expectValid(callers)
    expect(new Set(callers.map(({ token }) => token?.access_token)).size, 'tokens').toBe(1)
    expectNoReplaced(world)
    expectNothingSpentTwice(world)
    expect(world.server.needlessSends).toBe(0)
    for (const { error, waited } of world.callers) {
      expect(error).toBeUndefined()
      expect(waited).toBeLessThan(2 * maxOperationTime)
    }
  })
})

it('requests that the server does not execute end no session', async () => {
  const schedule = schedules({ ...daily, failUnexecuted: 12 })
  await forAllSchedules(worlds(['strict', 'family']), schedule, async (world, schedule) => {
    await signInFirst(world)
    await play(world, schedule, true)
    await rest(world)
    // The longest backoff.
    await world.clockwork.pass(minute)
    await askAll(world)
    expectValid(await askAll(world))
    expectNoReplaced(world)
    expect(world.server.deadUses).toBe(0)
    expect(world.record.requiredLogins).toEqual([])
  })
})

it('a sign-out ends the session for all processes until the next sign-in, in any state', async () => {
  const schedule = schedules({ ...daily, signIn: 6, signOut: 6 })
  await forAllSchedules(worlds(['strict', 'family']), schedule, async (world, schedule) => {
    const [one, other] = world.processes as [Caller['process'], Caller['process']]
    await play(world, schedule, true)
    await world.endChanges()
    await world.signOut(one)
    await rest(world)
    for (const { error } of await askAll(world)) {
      expect(error).toMatchObject({ code: 'LoginRequired', cause: 'signed_out' })
    }
    expect(world.record.info).toBeUndefined()
    const { access_token } = await world.signIn(other)
    await rest(world)
    for (const { token } of await askAll(world)) expect(token).toMatchObject({ access_token })
    expectNoReplaced(world)
    expectNothingSpentTwice(world)
  })
})
