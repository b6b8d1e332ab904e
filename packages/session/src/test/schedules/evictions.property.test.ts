import { expect, it } from 'vitest'
import {
  askAll,
  daily,
  expectNothingSavableLost,
  expectNothingSpentTwice,
  expectValid,
  failing,
  forAllSchedules,
  rest,
  signInFirst,
} from './properties.test-helper.ts'
import { maxOperationTime, play, schedules, worlds } from './steps.test-helper.ts'

/* Sessions of pools that evict them at random. Step: `evict`. */

const pooled = { isPooled: true }
const minute = 60_000

it('without failures every caller gets a valid token, and no refresh token is sent twice', async () => {
  const schedule = schedules({ ...daily, evict: 12 })
  await forAllSchedules(worlds(['strict', 'family'], pooled), schedule, async (world, schedule) => {
    await signInFirst(world)
    await play(world, schedule, true)
    await rest(world)
    // The first callers may get a token that is being renewed in the background.
    await askAll(world)
    const callers = await askAll(world)
    expectValid(callers)
    expect(new Set(callers.map(({ token }) => token?.access_token)).size, 'tokens').toBe(1)
    expectNothingSpentTwice(world)
    expect(world.server.needlessSends).toBe(0)
    for (const { error, waited } of world.callers) {
      expect(error).toBeUndefined()
      expect(waited).toBeLessThan(2 * maxOperationTime)
    }
  })
})

it('requests that the server does not execute end no session', async () => {
  const schedule = schedules({ ...daily, failUnexecuted: 12, evict: 12 })
  await forAllSchedules(worlds(['strict', 'family'], pooled), schedule, async (world, schedule) => {
    await signInFirst(world)
    await play(world, schedule, true)
    await rest(world)
    // The longest backoff.
    await world.clockwork.pass(minute)
    await askAll(world)
    expectValid(await askAll(world))
    expect(world.server.deadUses).toBe(0)
    expect(world.record.requiredLogins).toEqual([])
  })
})

it('no failure or killed process loses a token that could be saved', async () => {
  const schedule = schedules({ ...daily, ...failing, evict: 12 })
  await forAllSchedules(worlds(['strict', 'grace', 'family'], pooled), schedule, expectNothingSavableLost)
})
