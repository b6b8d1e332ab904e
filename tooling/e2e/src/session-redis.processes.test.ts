import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  type RunningRedis,
  redisIsMissing,
  startRedis,
} from '../../../packages/session-redis/src/start-redis.test-helper.ts'
import { testProcesses } from './sessions/process-tests.ts'
import { SessionFleet } from './sessions/session-fleet.ts'
import { startSharedSession } from './sessions/shared-session.ts'

describe.skipIf(redisIsMissing)(redisIsMissing || 'on Redis', () => {
  let redis: RunningRedis

  beforeAll(async () => {
    redis = await startRedis()
  })

  afterAll(() => redis.stop())

  testProcesses('redis', () => redis.url)

  it('4 processes with 50 callers each refresh once with both Redis clients', async () => {
    const shared = await startSharedSession('oauth', 'redis', redis.url)
    onTestFinished(() => shared.close())
    const { store, ...options } = shared.options
    const fleet = await SessionFleet.start(4)
    onTestFinished(() => fleet.end())
    const types = ['redis', 'ioredis'] as const
    await fleet.open((index) => ({ ...options, store: { ...store, type: types[index % 2] ?? 'redis' } }))
    const { results } = await fleet.run({ type: 'getToken', callers: 50 })
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1)
    expect(results).toHaveLength(200)
    expect(results[0]).toHaveProperty('ok')
    expect(shared.sends()).toBe(1)
    expect(shared.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })
})
