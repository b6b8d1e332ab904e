import { measureSlowness } from 'shared/time'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  postgresIsMissing,
  type RunningPostgres,
  startPostgres,
} from '../../../packages/session-postgres/src/start-postgres.test-helper.ts'
import {
  type RunningRedis,
  redisIsMissing,
  startRedis,
} from '../../../packages/session-redis/src/start-redis.test-helper.ts'
import type { StoreType } from './sessions/orders.ts'
import { type SharedSession, startSharedSession } from './sessions/shared-session.ts'
import { runStorm, type StormReport } from './storms/storm.ts'

/*
 * Processes are killed and stopped at random while 420 callers use their session. The server has a grace period, so
 * every lost response can be obtained again. STORM_SEED replays the signals of another storm.
 */

const seed = Number(process.env.STORM_SEED ?? 20_261_130)
const path = '/v2/oauth/token'
// In seconds.
const lifetime = 1
// In milliseconds: a session renews a short-lived token after half its lifetime.
const minInterval = (lifetime * 1000) / 2

async function share(store: StoreType, url?: string): Promise<SharedSession> {
  const shared = await startSharedSession('oauth', store, url, {
    domain: { rotation: { grace: 3_600_000 } },
    // Longer than a process is stopped: a request and its replay that both time out fail a call. A killed process keeps its
    // lease for so long.
    limits: { requestTimeout: 6000, leaseTime: 6000 },
  })
  onTestFinished(() => shared.close())
  // Slow requests, so that many signals interrupt one, before or after the server carries it out.
  for (let count = 0; count < 50; count++) {
    for (const when of ['before', 'after'] as const) {
      shared.emulator.injectFault({ type: 'delay', when, milliseconds: 300, path })
    }
  }
  return shared
}

async function runAgainst({ options }: SharedSession): Promise<StormReport> {
  const limits = { ...options.limits, waitTimeout: 60_000 * (await measureSlowness()) }
  return runStorm({
    session: { ...options, limits },
    ...{ seed, lifetime, processes: 6, callers: 70, duration: 20_000 },
    // Shorter than the 10 s for which a store waits for a lock: a process may be stopped while it holds the lock of the
    // database.
    longestStop: 4000,
  })
}

async function expectNoLoss(
  { emulator, session, options, sends }: SharedSession,
  report: StormReport,
): Promise<void> {
  const { kills, stops, failures, events, leaks, output, time } = report
  expect(failures).toEqual({})
  expect(events).not.toContain('login_required')
  expect(leaks).toBe(0)
  expect(output).toBe('')
  const response = await session.fetch(`${options.api_endpoint}/v2/user/get`, { method: 'POST' })
  expect(response.status, 'the sign-in is still valid').toBe(200)

  expect(Math.min(kills, stops)).toBeGreaterThan(10)
  const spent = emulator.requests.flatMap(({ grant, rotated }) =>
    grant === 'refresh_token' ? (rotated?.refresh_token.old ?? []) : [],
  )
  const refreshes = new Set(spent).size
  expect(refreshes).toBeGreaterThan(3)
  expect(refreshes).toBeLessThanOrEqual(time / minInterval + 2)
  // Only an interrupted process causes a further request.
  expect(sends()).toBeLessThanOrEqual(refreshes + kills + stops)
}

it(`a storm on SQLite loses no sign-in and fails no call, seed ${seed}`, async () => {
  const shared = await share('sqlite')
  await expectNoLoss(shared, await runAgainst(shared))
})

describe.skipIf(redisIsMissing)(redisIsMissing || 'on Redis', () => {
  let redis: RunningRedis

  beforeAll(async () => {
    redis = await startRedis()
  })

  afterAll(() => redis.stop())

  it(`a storm loses no sign-in and fails no call, seed ${seed}`, async () => {
    const shared = await share('redis', redis.url)
    await expectNoLoss(shared, await runAgainst(shared))
  })
})

describe.skipIf(postgresIsMissing)(postgresIsMissing || 'on PostgreSQL', () => {
  let server: RunningPostgres

  beforeAll(async () => {
    // A killed process leaves the connections of its pool until the server notices.
    server = await startPostgres('max_connections=300')
  })

  afterAll(() => server.stop())

  it(`a storm loses no sign-in and fails no call, seed ${seed}`, async () => {
    const shared = await share('pg', server.url)
    await expectNoLoss(shared, await runAgainst(shared))
  })
})
