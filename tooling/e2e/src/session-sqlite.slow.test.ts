import { expect, it, onTestFinished } from 'vitest'
import { SessionFleet } from './sessions/session-fleet.ts'
import { startSharedSession } from './sessions/shared-session.ts'

it('32 processes with 200 callers each refresh once', async () => {
  const shared = await startSharedSession('oauth', 'sqlite')
  onTestFinished(() => shared.close())
  const fleet = await SessionFleet.start(32)
  onTestFinished(() => fleet.end())
  await fleet.open(shared.options)
  const { results } = await fleet.run({ type: 'getToken', callers: 200 })
  expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1)
  expect(results).toHaveLength(6400)
  expect(results[0]).toHaveProperty('ok')
  expect(shared.sends()).toBe(1)
  expect(shared.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
})
