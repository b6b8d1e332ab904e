import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { redisStore } from '@pds/session-redis'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningRedis, redisIsMissing, startRedis } from './start-redis.test-helper.ts'

describe.skipIf(redisIsMissing)(`redisStore in several processes ${redisIsMissing || ''}`, () => {
  let redis: RunningRedis
  let client: Redis
  beforeAll(async () => {
    redis = await startRedis()
    client = new Redis(redis.url)
  })
  afterAll(async () => {
    client?.disconnect()
    await redis?.stop()
  })

  it('loses no write of concurrent processes', async () => {
    const flags = ['--unhandled-rejections=strict', '--throw-deprecation']
    if (process.features.typescript === false) flags.push('--experimental-strip-types', '--no-warnings')
    const script = path.join(import.meta.dirname, 'count-up.test-helper.ts')
    const runs = ['redis', 'ioredis', 'redis', 'ioredis'].map((library) =>
      promisify(execFile)(process.execPath, [...flags, script, library, redis.url, 'counter', '50']),
    )
    for (const { stdout, stderr } of await Promise.all(runs)) {
      expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' })
    }
    expect(await redisStore({ client }).read('counter')).toEqual({ epoch: 0, data: '200', rev: 200 })
  })
})
