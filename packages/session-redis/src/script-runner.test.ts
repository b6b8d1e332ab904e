import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import path from 'node:path'
import { type RedisClient, redisStore } from '@pds/session-redis'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
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
    // What a client says of itself when it connects is sent by then, and not counted.
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

  /** How often the server was sent a command since the test began, those that failed included. */
  async function calls(command: string): Promise<number> {
    const stats = await admin.info('commandstats')
    return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
  }

  describe.each(Object.entries(clients))('over %s', (_name, client) => {
    it('are sent once, and again to a server that has lost them', async () => {
      const store = redisStore({ client: client() })
      for (let flushes = 1; flushes <= 2; flushes++) {
        for (let reads = 0; reads < 5; reads++) expect(await store.read('key')).toBeUndefined()
        expect(await calls('eval')).toBe(flushes)
        expect(await calls('evalsha')).toBe(flushes * 5)
        await admin.script('FLUSH')
      }
    })

    it('may be lost between any two calls', async () => {
      const store = redisStore({ client: client() })
      const flushed = async <T>(call: Promise<T>): Promise<T> => {
        const result = await call
        await admin.script('FLUSH')
        return result
      }
      expect(await flushed(store.compareAndSet('key', { epoch: 1, data: 'a' }, 0))).toBe(true)
      expect(await flushed(store.compareAndSet('key', { epoch: 1, data: 'b' }, 0))).toBe(false)
      expect(await flushed(store.read('key'))).toEqual({ epoch: 1, data: 'a', rev: 1 })
      const fence = (await flushed(store.lease('key', 'one', 60_000))) as number
      await flushed(store.release('key', 'one', fence))
      expect(await flushed(store.lease('key', 'other', 60_000))).toBeGreaterThan(fence)
      expect(await calls('eval')).toBe(6)
    })

    it('use no command but those that they need', async () => {
      await everyCall(client())
      const stats = await admin.info('commandstats')
      const used = [...stats.matchAll(/cmdstat_([^:]+):/g)].map(([, name = '']) => name)
      const own = ['eval', 'evalsha', 'hdel', 'hmget', 'hset', 'persist', 'pexpire', 'pttl', 'time']
      expect(used.filter((name) => !/^(info|config|script|flushall|ping)/.test(name)).sort()).toEqual(own)
    })
  })

  // With another server: clients that reconnect send HELLO, which other tests would count.
  it('go on after a restart of the server', async () => {
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
      // Commands that were under way during the restart may fail; later ones do not.
      await store.read(`${index}`).catch(() => undefined)
      expect(await store.read(`${index}`)).toBeUndefined()
      expect(await store.compareAndSet(`${index}`, { epoch: 1, data: 'b' }, 0)).toBe(true)
    }
  })

  it('may be run by the user that the README makes', async () => {
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
      await everyCall(client)
    }
  })

  it('know a write that the client has sent twice, for its answer was lost', async () => {
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
        isWrite = bytes.includes('lost-answer')
        upstream.write(bytes)
      })
      upstream.on('data', (bytes: Buffer) => {
        // Neither the refusal of an unknown script nor what follows on the first loss.
        if (!isWrite || bytes.includes('NOSCRIPT') || lost > 0) return void socket.write(bytes)
        lost++
        end()
      })
    }).listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const client = new Redis((proxy.address() as AddressInfo).port, '127.0.0.1', { retryStrategy: () => 0 })
    try {
      const store = redisStore({ client })
      expect(await store.compareAndSet('key', { epoch: 1, data: 'lost-answer' }, 0)).toBe(true)
      expect(lost).toBe(1)
      expect(await calls('hset')).toBe(1)
      expect(await store.read('key')).toEqual({ epoch: 1, data: 'lost-answer', rev: 1 })
      expect(await store.compareAndSet('key', { epoch: 1, data: 'of another write' }, 0)).toBe(false)
    } finally {
      client.disconnect()
      proxy.close()
    }
  })
})

/** Uses each command that a store can. */
async function everyCall(client: RedisClient): Promise<void> {
  const store = redisStore({ client, expireAfter: 60_000 })
  expect(await store.compareAndSet('key', { epoch: 1, data: 'a' }, 0)).toBe(true)
  expect(await redisStore({ client }).compareAndSet('key', { epoch: 1, data: 'a' }, 1)).toBe(true)
  expect(await store.read('key')).toMatchObject({ rev: 2 })
  await store.release('key', 'one', (await store.lease('key', 'one', 60_000)) as number)
  expect(await store.lease('key', 'other', 60_000)).toBeGreaterThan(0)
}

it('send nothing a second time for another failure than an unknown script', async () => {
  const sent: string[] = []
  const fail = (command: string) => async () => {
    sent.push(command)
    throw new Error('LOADING Redis is loading the dataset in memory')
  }
  for (const client of [
    { evalSha: fail('evalSha'), eval: fail('eval') },
    { evalsha: fail('evalsha'), eval: fail('eval') },
  ]) {
    await expect(redisStore({ client }).read('key')).rejects.toThrow(/^Redis: LOADING /)
  }
  expect(sent).toEqual(['evalSha', 'evalsha'])
})

async function connectNodeRedis(url: string) {
  const client = createClient({ url }).on('error', () => undefined)
  await client.connect()
  return client
}
