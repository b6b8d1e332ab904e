import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import path from 'node:path'
import { type RedisClient, redisStore } from '@pds/session-redis'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { fenceOf } from './fence-of.test-helper.ts'
import { type RunningRedis, redisIsMissing, startRedis } from './start-redis.test-helper.ts'

describe.skipIf(redisIsMissing)(`the scripts of redisStore ${redisIsMissing || ''}`, () => {
  let redis: RunningRedis
  let admin: Redis
  let nodeRedis: Awaited<ReturnType<typeof connectNodeRedis>>
  let ioredis: Redis
  const clients: Record<string, () => RedisClient> = {
    'node-redis': () => nodeRedis,
    ioredis: () => ioredis,
  }

  beforeAll(async () => {
    redis = await startRedis()
    admin = new Redis(redis.url).on('error', () => undefined)
    ioredis = new Redis(redis.url).on('error', () => undefined)
    nodeRedis = await connectNodeRedis(redis.url)
    // Wait until the clients have sent their handshake, so that it is not counted.
    await Promise.all([admin.ping(), ioredis.ping()])
  })
  afterAll(async () => {
    admin?.disconnect()
    ioredis?.disconnect()
    nodeRedis?.destroy()
    await redis?.stop()
  })
  beforeEach(async () => {
    await admin.flushall()
    await admin.script('FLUSH')
    await admin.config('RESETSTAT')
  })

  /** Returns how often the server received a command since the start of the test, including failed calls. */
  async function calls(command: string): Promise<number> {
    const stats = await admin.info('commandstats')
    return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
  }

  describe.each(Object.entries(clients))('over %s', (_name, client) => {
    it('are sent once, and again after the server has lost them', async () => {
      const store = redisStore({ client: client() })
      for (let flushes = 1; flushes <= 2; flushes++) {
        for (let reads = 0; reads < 5; reads++) expect(await store.read('key')).toBeUndefined()
        expect(await calls('eval')).toBe(flushes)
        expect(await calls('evalsha')).toBe(flushes * 5)
        await admin.script('FLUSH')
      }
    })

    it('can be lost between any two calls', async () => {
      const store = redisStore({ client: client() })
      const flushed = async <T>(call: Promise<T>): Promise<T> => {
        const result = await call
        await admin.script('FLUSH')
        return result
      }
      expect(await flushed(store.compareAndSet('key', { epoch: 1, data: 'a' }, 0))).toBe(true)
      expect(await flushed(store.compareAndSet('key', { epoch: 1, data: 'b' }, 0))).toBe(false)
      expect(await flushed(store.read('key'))).toEqual({ epoch: 1, data: 'a', rev: 1 })
      const fence = await fenceOf(flushed(store.lease('key', 'one', 60_000)))
      await flushed(store.release('key', 'one', fence))
      expect(await fenceOf(flushed(store.lease('key', 'other', 60_000)))).toBeGreaterThan(fence)
      expect(await calls('eval')).toBe(6)
    })

    it('use only the commands that they need', async () => {
      await everyCall(client(), admin)
      const stats = await admin.info('commandstats')
      const used = [...stats.matchAll(/cmdstat_([^:]+):/g)].map(([, name = '']) => name)
      const expected = 'del dump eval evalsha hdel hmget hset persist pexpire pttl publish scan time type'
      const setup = /^(info|config|script|flushall|ping|set$)/
      expect(used.filter((name) => !setup.test(name)).sort()).toEqual(expected.split(' '))
    })
  })

  // This test starts another server, because clients send HELLO when they reconnect and other tests count commands.
  it('work after a restart of the server', async () => {
    const restarted = await startRedis()
    const own = [
      new Redis(restarted.url).on('error', () => undefined),
      await connectNodeRedis(restarted.url),
    ] as const
    onTestFinished(async () => {
      own[0].disconnect()
      own[1].destroy()
      await restarted.stop()
    })
    const stores = own.map((client) => redisStore({ client }))
    for (const [index, store] of stores.entries())
      await store.compareAndSet(`${index}`, { epoch: 1, data: 'a' }, 0)
    await restarted.restart()
    for (const [index, store] of stores.entries()) {
      // A command that is in progress during the restart may fail. Later commands must not.
      await store.read(`${index}`).catch(() => undefined)
      expect(await store.read(`${index}`)).toBeUndefined()
      expect(await store.compareAndSet(`${index}`, { epoch: 1, data: 'b' }, 0)).toBe(true)
    }
  })

  it('can be run by the ACL user of the README', async () => {
    const readme = readFileSync(path.join(import.meta.dirname, '..', 'README.md'), 'utf8')
    const [, user = ''] = /^ACL SETUSER (.*)$/m.exec(readme) ?? []
    await admin.acl('SETUSER', ...(user.split(' ') as [string, ...string[]]))
    const url = redis.url.replace('//', '//sessions:password@')
    const ofUser = [new Redis(url), await connectNodeRedis(url)] as const
    onTestFinished(() => {
      ofUser[0].disconnect()
      ofUser[1].destroy()
    })
    for (const client of ofUser) {
      await admin.flushall()
      await admin.script('FLUSH')
      await everyCall(client, admin)
    }
  })

  it('recognize a write that the client retried after a lost response', async () => {
    let lost = 0
    const proxy = createServer((socket) => {
      const upstream = connect(redis.port, '127.0.0.1')
      const end = () => {
        socket.destroy()
        upstream.destroy()
      }
      for (const side of [socket, upstream]) side.on('error', end).on('close', end)
      let isWrite = false
      socket.on('data', (bytes: Buffer) => {
        isWrite = bytes.includes('lost-response')
        upstream.write(bytes)
      })
      upstream.on('data', (bytes: Buffer) => {
        // Drop the first response to the write, but not NOSCRIPT or later responses.
        if (!isWrite || bytes.includes('NOSCRIPT') || lost > 0) return void socket.write(bytes)
        lost++
        end()
      })
    }).listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const client = new Redis((proxy.address() as AddressInfo).port, '127.0.0.1', { retryStrategy: () => 0 })
    try {
      const store = redisStore({ client })
      expect(await store.compareAndSet('key', { epoch: 1, data: 'lost-response' }, 0)).toBe(true)
      expect(lost).toBe(1)
      expect(await calls('hset')).toBe(1)
      expect(await store.read('key')).toEqual({ epoch: 1, data: 'lost-response', rev: 1 })
      expect(await store.compareAndSet('key', { epoch: 1, data: 'another write' }, 0)).toBe(false)
    } finally {
      client.disconnect()
      proxy.close()
    }
  })
})

/** Makes calls that use every command of the scripts. */
async function everyCall(client: RedisClient, admin: Redis): Promise<void> {
  const store = redisStore({ client, expireAfter: 2_592_000_000 })
  expect(await store.compareAndSet('key', { epoch: 1, data: 'a' }, 0)).toBe(true)
  expect(await redisStore({ client }).compareAndSet('key', { epoch: 1, data: 'a' }, 1)).toBe(true)
  expect(await store.read('key')).toMatchObject({ rev: 2 })
  await store.release('key', 'one', await fenceOf(store.lease('key', 'one', 60_000)))
  for await (const key of store.list?.() ?? []) expect(key).toBe('key')
  const holder = { owner: 'other', fence: await fenceOf(store.lease('key', 'other', 60_000)) }
  expect(await store.compareAndSet('key', { epoch: 1, data: 'b' }, 2, holder)).toBe(true)
  await admin.set('pds:damaged', 'a text')
  expect((await store.lease('damaged', 'one', 60_000))?.record).toMatchObject({ rev: -1 })
  await admin.set('pds:damaged', 'a text')
  expect(await store.compareAndSet('damaged', { epoch: 1, data: 'a' }, -1)).toBe(true)
}

it('are not sent again after an error other than NOSCRIPT', async () => {
  const sent: string[] = []
  const fail = (command: string) => async () => {
    sent.push(command)
    throw new Error('LOADING Redis is loading the dataset in memory')
  }
  const clients: Record<string, RedisClient> = {
    'evalSha of node-redis': { isOpen: true, evalSha: fail('evalSha'), eval: fail('eval') },
    'evalsha of ioredis': { status: 'ready', evalsha: fail('evalsha'), eval: fail('eval') },
    'evalsha of @upstash/redis': {
      createScript: fail('createScript'),
      evalsha: fail('evalsha'),
      eval: fail('eval'),
    },
  }
  for (const [call, client] of Object.entries(clients)) {
    await expect(redisStore({ client }).read('key')).rejects.toThrow(
      `Redis: LOADING Redis is loading the dataset in memory (${call})`,
    )
  }
  expect(sent).toEqual(['evalSha', 'evalsha', 'evalsha'])
})

async function connectNodeRedis(url: string) {
  const client = createClient({ url }).on('error', () => undefined)
  await client.connect()
  return client
}
