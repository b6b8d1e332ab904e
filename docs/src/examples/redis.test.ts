import { randomBytes } from 'node:crypto'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type RunningRedis,
  redisIsMissing,
  startRedis,
} from '../../../packages/session-redis/src/start-redis.test-helper.ts'
import { ExampleProcess, jwtAppEnvironment } from './example-process.ts'

/* Runs the workers of the Redis guide as separate processes, against the emulator. */

describe.skipIf(redisIsMissing)(`two workers ${redisIsMissing || 'on Redis'}`, () => {
  let redis: RunningRedis
  let emulator: RunningEmulator
  let workers: ExampleProcess[]

  beforeAll(async () => {
    const users = [{ user_id: 'ann', user_name: 'Ann Lee' }]
    ;[redis, emulator] = await Promise.all([startRedis(), startEmulator({ domain_id: 'bj1', users })])
    const environment = {
      REDIS_URL: redis.url,
      PDS_SESSION_KEY: randomBytes(32).toString('base64'),
      ...jwtAppEnvironment(emulator),
    }
    workers = [1, 2].map(() => new ExampleProcess('redis/worker.ts', environment))
  })

  afterAll(async () => {
    await Promise.all(workers?.map((worker) => worker.stop()) ?? [])
    await Promise.all([redis?.stop(), emulator?.close()])
  })

  const grants = () => emulator.requests.filter(({ grant, status }) => grant && status === 200).length

  /** Sends a job to each worker. Returns the hashes of the tokens that the workers used. */
  async function work(round: number): Promise<Set<string>> {
    for (const worker of workers) worker.writeLine('ann')
    return new Set(
      await Promise.all(workers.map((worker) => worker.waitForOutput(/Ann Lee 200 token (\w+)/, round))),
    )
  }

  it('share one token and replace it once after it expires', async () => {
    const first = await work(1)
    expect(first.size).toBe(1)
    expect(grants()).toBe(1)
    emulator.clock.advance(3 * 3_600_000)
    const second = await work(2)
    expect(second.size).toBe(1)
    expect(second).not.toEqual(first)
    expect(grants()).toBe(2)
  })

  it('store no plain-text token in Redis and exit when their input ends', async () => {
    const client = await createClient({ url: redis.url }).connect()
    const [key = ''] = await client.keys('*')
    expect(key).toMatch(/^pds:ann#/)
    expect(JSON.stringify(await client.hGetAll(key))).not.toMatch(/eyJ|access_token/)
    await client.close()
    for (const worker of workers) worker.writeLine()
    for (const worker of workers) expect(await worker.waitForExit()).toMatchObject({ code: 0, stderr: '' })
  })
})
