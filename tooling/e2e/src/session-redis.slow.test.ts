import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  type RunningRedis,
  redisIsMissing,
  startRedis,
} from '../../../packages/session-redis/src/start-redis.test-helper.ts'
import { testProcesses } from './sessions/process-tests.ts'
import { SessionFleet, type SessionProcess } from './sessions/session-fleet.ts'
import { type SharedSession, startSharedSession } from './sessions/shared-session.ts'

const hour = 3_600_000

describe.skipIf(redisIsMissing)(redisIsMissing || 'on Redis', () => {
  let redis: RunningRedis

  beforeAll(async () => {
    redis = await startRedis()
  })

  afterAll(() => redis.stop())

  testProcesses('redis', () => redis.url)

  /** Shares a session of an OAuth application with 4 processes, which use both clients. */
  async function share(subscriber: boolean): Promise<{ shared: SharedSession; fleet: SessionFleet }> {
    const shared = await startSharedSession('oauth', 'redis', redis.url)
    onTestFinished(() => shared.close())
    const { store, ...options } = shared.options
    const fleet = await SessionFleet.start(4)
    onTestFinished(() => fleet.end())
    const types = ['redis', 'ioredis'] as const
    await fleet.open((index) => {
      const type = types[index % 2] ?? 'redis'
      return { ...options, store: { ...store, type, subscriber } }
    })
    return { shared, fleet }
  }

  it('4 processes with 50 callers each refresh once with both Redis clients', async () => {
    const { shared, fleet } = await share(false)
    const { results } = await fleet.run({ type: 'getToken', callers: 50 })
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1)
    expect(results).toHaveLength(200)
    expect(results[0]).toHaveProperty('ok')
    expect(shared.sends()).toBe(1)
    expect(shared.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it('4 processes with a subscriber hear of a sign-out without a call', async () => {
    const { shared, fleet } = await share(true)
    await fleet.run({ type: 'getToken', callers: 1 })
    await shared.session.signOut()
    for (const each of fleet.processes) {
      const heard = async () => (await each.run({ type: 'getToken', callers: 0 })).events
      await expect.poll(heard).toContainEqual({ type: 'signed_out', by: 'another', cause: undefined })
    }
  })

  describe.each([false, true])('redis-server is restarted empty, with subscribers: %s', (subscriber) => {
    it('no sign-in is lost if all processes know the token', async () => {
      const { shared, fleet } = await share(subscriber)
      await fleet.run({ type: 'getToken', callers: 10 })
      await redis.restart()
      // The service rejects the expired access token, so each session needs its refresh token.
      shared.emulator.clock.advance(3 * hour)
      const { results, events } = await fleet.run({ type: 'fetch', callers: 10 })
      expect(results).toEqual(Array(40).fill({ ok: '200' }))
      expect(events.filter(({ type }) => type === 'login_required')).toEqual([])
      await expectOneToken(shared, fleet)
    })

    it('no sign-in is lost if one process knows the token', async () => {
      const { shared, fleet } = await share(subscriber)
      const [first] = fleet.processes as [SessionProcess, ...SessionProcess[]]
      await first.run({ type: 'getToken', callers: 10 })
      await redis.restart()
      shared.emulator.clock.advance(3 * hour)
      const { results } = await first.run({ type: 'fetch', callers: 10 })
      expect(results).toEqual(Array(10).fill({ ok: '200' }))
      // A process that heard of the first token uses it for up to 5 seconds if its subscriber is not connected again by
      // now. The service then rejects the token, and the process finds the new one.
      const others = await fleet.run({ type: 'fetch', callers: 10 })
      expect(others.results).toEqual(Array(40).fill({ ok: '200' }))
      expect(others.events.filter(({ type }) => type === 'login_required')).toEqual([])
      await expectOneToken(shared, fleet)
    })

    /** Asserts that all processes get the token of the second refresh, and that no refresh token was spent twice. */
    async function expectOneToken(shared: SharedSession, fleet: SessionFleet): Promise<void> {
      const { results, events } = await fleet.run({ type: 'getToken', callers: 10 })
      expect(results.filter((result) => !('ok' in result))).toEqual([])
      expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1)
      expect(events.filter(({ type }) => type === 'login_required')).toEqual([])
      expect(shared.sends()).toBe(2)
      expect(shared.emulator.invalidTokenUses.refresh).toBe(0)
    }
  })
})
