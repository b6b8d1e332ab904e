import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  type RunningRedis,
  redisIsMissing,
  startRedis,
} from '../../../packages/session-redis/src/start-redis.test-helper.ts'
import { startRedisPair } from '../../../packages/session-redis/src/start-redis-pair.test-helper.ts'
import { startRestProxy } from '../../../packages/session-redis/src/start-rest-proxy.test-helper.ts'
import type { OpenOptions } from './sessions/orders.ts'
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
  async function share(
    subscriber: boolean,
    url = redis.url,
    storeOf = (index: number): OpenOptions['store'] => ({
      type: index % 2 === 0 ? 'redis' : 'ioredis',
      place: url,
    }),
  ): Promise<{ shared: SharedSession; fleet: SessionFleet }> {
    const shared = await startSharedSession('oauth', 'redis', url)
    onTestFinished(() => shared.close())
    const fleet = await SessionFleet.start(4)
    onTestFinished(() => fleet.end())
    await fleet.open((index) => ({ ...shared.options, store: { ...storeOf(index), subscriber } }))
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

  it('processes with a client over HTTP and processes with a connection refresh once', async () => {
    const proxy = await startRestProxy(redis.url)
    onTestFinished(() => proxy.stop())
    const { shared, fleet } = await share(false, redis.url, (index) => {
      if (index % 2 === 0) return { type: 'redis', place: redis.url }
      return { type: '@upstash/redis', place: proxy.url.replace('//', `//${proxy.token}@`) }
    })
    const { results, events } = await fleet.run({ type: 'getToken', callers: 50 })
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1)
    expect(results[0]).toHaveProperty('ok')
    expect(shared.sends()).toBe(1)
    expect(events.filter(({ type }) => type === 'error')).toEqual([])
    expect(proxy.paths.length).toBeGreaterThan(0)
    await shared.session.signOut()
    // Each session reads its record again.
    await fleet.run({ type: 'idle', time: 5001 })
    const signedOut = await fleet.run({ type: 'getToken', callers: 1 })
    expect(signedOut.results).toEqual(Array(4).fill({ code: 'LoginRequired', cause: 'signed_out' }))
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
      await expectOneToken(shared, fleet, 2)
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
      await expectOneToken(shared, fleet, 2)
    })
  })

  describe('a failover loses the last refresh', () => {
    /** Lets all processes get a token, which the promoted replica lacks. */
    async function failOver(subscriber: boolean): Promise<{ shared: SharedSession; fleet: SessionFleet }> {
      const pair = await startRedisPair()
      onTestFinished(() => pair.stop())
      const { shared, fleet } = await share(subscriber, pair.url)
      await pair.cutReplication()
      await fleet.run({ type: 'getToken', callers: 10 })
      expect(shared.sends()).toBe(1)
      await pair.failOver()
      return { shared, fleet }
    }

    it.each([false, true])(
      'no sign-in is lost if all processes were in use, with subscribers: %s',
      async (subscriber) => {
        const { shared, fleet } = await failOver(subscriber)
        // Each session reads its record again.
        await fleet.run({ type: 'idle', time: 5001 })
        const { results, events } = await fleet.run({ type: 'fetch', callers: 10 })
        expect(results).toEqual(Array(40).fill({ ok: '200' }))
        expect(events.filter(({ type }) => type === 'login_required')).toEqual([])
        await expectOneToken(shared, fleet, 1)
        // A session that did not know the token finds it in the store.
        expect(await shared.session.getAccessToken()).toEqual(expect.any(String))
        expect(shared.sends()).toBe(1)
      },
    )

    // A subscriber notices the failover, so its session is never idle.
    it('no sign-in is lost if the first process to ask was idle', async () => {
      const { shared, fleet } = await failOver(false)
      const [first] = fleet.processes as [SessionProcess, ...SessionProcess[]]
      await first.run({ type: 'idle', time: 60_000 })
      await first.run({ type: 'fetch', callers: 10 })
      // The process keeps its token until the service has responded.
      await expect.poll(() => shared.sends()).toBe(2)
      const { results, events } = await fleet.run({ type: 'fetch', callers: 10 })
      expect(results).toEqual(Array(40).fill({ ok: '200' }))
      expect(events.filter(({ type }) => type === 'login_required')).toEqual([])
      await expectOneToken(shared, fleet, 2)
    })
  })

  /** Asserts that all processes get the same token after a number of refreshes, and that none spent a token twice. */
  async function expectOneToken(
    shared: SharedSession,
    fleet: SessionFleet,
    refreshes: number,
  ): Promise<void> {
    const { results, events } = await fleet.run({ type: 'getToken', callers: 10 })
    expect(results.filter((result) => !('ok' in result))).toEqual([])
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1)
    expect(events.filter(({ type }) => type === 'login_required')).toEqual([])
    expect(shared.sends()).toBe(refreshes)
    expect(shared.emulator.invalidTokenUses.refresh).toBe(0)
  }
})
