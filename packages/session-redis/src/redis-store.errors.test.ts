import { inspect } from 'node:util'
import { type RedisClient, redisStore } from '@pds/session-redis'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { freePort } from 'shared/free-port'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type RunningRedis, redisIsMissing, startRedis } from './start-redis.test-helper.ts'

const canary = 'canary'
const key = `${canary} key`
const data = JSON.stringify({ access: `${canary} access`, refresh: `${canary} refresh`.repeat(50) })
const record = { epoch: 1, data }

interface Connection {
  client: RedisClient
  close(): unknown
}
const libraries: Record<string, (url: string) => Promise<Connection>> = {
  async 'node-redis'(url) {
    const client = createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy: false } })
    await client
      .on('error', () => undefined)
      .connect()
      .catch(() => undefined)
    return { client, close: () => client.isOpen && client.destroy() }
  },
  async ioredis(url) {
    const options = { enableOfflineQueue: false, maxRetriesPerRequest: 0, showFriendlyErrorStack: true }
    const client = new Redis(url, { ...options, lazyConnect: true, retryStrategy: null })
    await client
      .on('error', () => undefined)
      .connect()
      .catch(() => undefined)
    return { client, close: () => client.disconnect() }
  },
}

/** Returns the message that a call rejects with, and checks that the error contains no part of the request. */
async function messageOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(Error)
  const shown = inspect(error, { depth: 20, showHidden: true, getters: true, maxStringLength: null })
  expect(shown + JSON.stringify(error) + (error as Error).stack).not.toContain(canary)
  expect(Object.getPrototypeOf(error)).toBe(Error.prototype)
  expect(Reflect.ownKeys(error as Error).sort()).toEqual(['message', 'stack'])
  return (error as Error).message
}

describe.skipIf(redisIsMissing)(`errors of redisStore ${redisIsMissing || ''}`, () => {
  let redis: RunningRedis
  let admin: Redis
  beforeAll(async () => {
    redis = await startRedis()
    admin = new Redis(redis.url)
  })
  afterAll(async () => {
    admin?.disconnect()
    await redis?.stop()
  })

  describe.each(Object.entries(libraries))('over %s', (_name, connect) => {
    let connection: Connection
    const open = () => redisStore({ client: connection.client })
    beforeAll(async () => {
      connection = await connect(redis.url)
    })
    afterAll(() => connection?.close())

    it('report that the server is a replica', async () => {
      await admin.replicaof('127.0.0.1', await freePort())
      expect(await messageOf(open().compareAndSet(key, record, 0))).toMatch(
        /^Redis: READONLY You can't write/,
      )
      await admin.replicaof('NO', 'ONE')
    })

    it('report that the memory is full', async () => {
      await admin.config('SET', 'maxmemory', '1')
      expect(await messageOf(open().compareAndSet(key, record, 0))).toMatch(/^Redis: OOM command not allowed/)
      await admin.config('SET', 'maxmemory', '0')
      expect(await open().read(key)).toBeUndefined()
    })

    it('report missing permissions of the user', async () => {
      await admin.acl('SETUSER', 'reader', 'on', 'nopass', '~other:*', '+@all')
      const { client, close } = await connect(redis.url.replace('//', '//reader:any@'))
      onTestFinished(() => void close())
      expect(await messageOf(redisStore({ client }).compareAndSet(key, record, 0))).toMatch(/^Redis: NOPERM /)
    })

    it('report that the user may not publish, and write nothing', async () => {
      await admin.acl('SETUSER', 'silent', 'on', 'nopass', '~pds:*', 'resetchannels', '+@all')
      const { client, close } = await connect(redis.url.replace('//', '//silent:any@'))
      onTestFinished(() => void close())
      const store = redisStore({ client })
      expect(await messageOf(store.compareAndSet(key, record, 0))).toMatch(/^Redis: (ERR|NOPERM) .*channel/)
      expect(await store.read(key)).toBeUndefined()
    })

    it('omit a message that repeats a part of the request', async () => {
      const other = await startRedis('--rename-command', 'EVALSHA', '')
      onTestFinished(() => other.stop())
      const { client, close } = await connect(other.url)
      onTestFinished(() => void close())
      const message = await messageOf(redisStore({ client }).compareAndSet(key, record, 0))
      expect(message).toMatch(
        /^Redis: ERR \(message omitted: it repeats a part of the request\) \(eval(Sha|sha) of /,
      )
    })

    it('are immediate if the client is closed or was never connected', async () => {
      const { client, close } = await connect(redis.url)
      await redisStore({ client }).read(key)
      close()
      expect(await messageOf(redisStore({ client }).compareAndSet(key, record, 0))).toMatch(
        /^Redis: .*(clos|write)/,
      )
      const unreachable = await connect(`redis://127.0.0.1:${await freePort()}`)
      expect(
        await messageOf(redisStore({ client: unreachable.client }).compareAndSet(key, record, 0)),
      ).toMatch(/^Redis: .*(clos|write)/)
    })

    it('reject a call that is in progress when the server stops', async () => {
      const other = await startRedis()
      onTestFinished(() => other.stop())
      const { client, close } = await connect(other.url)
      onTestFinished(() => void close())
      const store = redisStore({ client })
      await store.compareAndSet(key, record, 0)
      const pausing = new Redis(other.url).on('error', () => undefined)
      onTestFinished(() => pausing.disconnect())
      // The server responds to no client for the rest of the test.
      await pausing.client('PAUSE', 600_000)
      const call = messageOf(store.compareAndSet(key, record, 1))
      await other.stop()
      expect(await call).toMatch(/^Redis: .+/)
    })
  })
})
