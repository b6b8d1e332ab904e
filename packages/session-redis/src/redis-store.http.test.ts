import { inspect } from 'node:util'
import { storeTests } from '@pds/session/testing'
import { type HttpRedisClient, type RedisClient, redisStore } from '@pds/session-redis'
import { Redis as HttpRedis, type RedisConfigNodejs } from '@upstash/redis'
import { Redis } from 'ioredis'
import { freePort } from 'shared/free-port'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fenceOf } from './fence-of.test-helper.ts'
import { type RunningRedis, redisIsMissing, startRedis } from './start-redis.test-helper.ts'
import { type RunningRestProxy, startRestProxy } from './start-rest-proxy.test-helper.ts'

const settings: Record<string, Partial<RedisConfigNodejs>> = {
  'the default settings': {},
  'automaticDeserialization false': { automaticDeserialization: false },
  'enableAutoPipelining false': { enableAutoPipelining: false },
  'responseEncoding false': { responseEncoding: false },
  'each of them': { automaticDeserialization: false, enableAutoPipelining: false, responseEncoding: false },
}

describe.skipIf(redisIsMissing)(`redisStore over HTTP ${redisIsMissing || ''}`, () => {
  let redis: RunningRedis
  let proxy: RunningRestProxy
  let admin: Redis

  beforeAll(async () => {
    redis = await startRedis()
    proxy = await startRestProxy(redis.url)
    admin = new Redis(redis.url).on('error', () => undefined)
  })
  afterAll(async () => {
    admin?.disconnect()
    await proxy?.stop()
    await redis?.stop()
  })
  beforeEach(() => {
    proxy.respond = () => undefined
    proxy.paths.length = 0
  })

  function connect(changes: Partial<RedisConfigNodejs> = {}): HttpRedis {
    const { url, token } = proxy
    return new HttpRedis({ url, token, retry: false, enableTelemetry: false, ...changes })
  }

  describe.each(Object.entries(settings))('with %s', (_name, changes) => {
    const open = () => redisStore({ client: connect(changes) })

    describe('fulfils the Store contract', () => {
      it.each(storeTests(open))('$name', ({ run }) => run())

      it('can list its keys', () => {
        expect(open()).toHaveProperty('list')
      })
    })

    it('returns each text unchanged', async () => {
      const store = open()
      const texts = [
        '',
        '1',
        '1e3',
        '01',
        'null',
        'true',
        '"a"',
        '{"a":1}',
        '[1]',
        '[',
        'OK',
        'T0s=',
        '=',
        ' 1 ',
      ]
      texts.push(
        `${2n ** 53n}`,
        '\uFEFF1',
        '\uFEFF{"a":1}',
        '{"a":"字\u{1F511}\\ud800"}',
        'x'.repeat(100_000),
      )
      for (const [index, data] of texts.entries()) {
        expect(await store.compareAndSet(`text ${data.slice(0, 9)}`, { epoch: index, data }, 0)).toBe(true)
        expect(await store.read(`text ${data.slice(0, 9)}`)).toEqual({ epoch: index, data, rev: 1 })
        const lease = await store.lease(`text ${data.slice(0, 9)}`, '1', 60_000)
        expect(lease?.record).toEqual({ epoch: index, data, rev: 1 })
        await admin.flushall()
      }
    })

    it('keeps revisions and fencing tokens up to 2 ** 53 - 1', async () => {
      const store = open()
      const rev = Number.MAX_SAFE_INTEGER - 2
      await admin.hset('pds:large', { rev: `${rev}`, epoch: '0', data: '', fence: `${rev}` })
      const epoch = Number.MAX_SAFE_INTEGER
      expect(await store.compareAndSet('large', { epoch, data: '1' }, rev)).toBe(true)
      expect(await store.read('large')).toEqual({ epoch, data: '1', rev: rev + 1 })
      expect(await fenceOf(store.lease('large', '1', 60_000))).toBe(rev + 1)
    })

    it('reports a damaged record', async () => {
      const store = open()
      await admin.hset('pds:damaged', { rev: '01', epoch: 'true', data: '{}' })
      expect(await store.read('damaged')).toMatchObject({ rev: -1, error: expect.any(Error) })
      await admin.set('pds:text', '1')
      expect((await store.read('text'))?.error?.message).toContain('has the type string')
      expect(await store.compareAndSet('text', { epoch: 1, data: 'a' }, -1)).toBe(true)
    })

    it('sends a script again after the server has lost it', async () => {
      const store = open()
      await store.compareAndSet('lost scripts', { epoch: 1, data: 'a' }, 0)
      await admin.script('FLUSH')
      await admin.config('RESETSTAT')
      for (let reads = 0; reads < 3; reads++) {
        expect(await store.read('lost scripts')).toEqual({ epoch: 1, data: 'a', rev: 1 })
      }
      const stats = await admin.info('commandstats')
      expect(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1]).toBe('3')
      expect(/cmdstat_eval:calls=(\d+)/.exec(stats)?.[1]).toBe('1')
    })
  })

  it('sends concurrent calls in one request with automatic pipelining', async () => {
    const store = redisStore({ client: connect() })
    await store.read('any')
    proxy.paths.length = 0
    const keys = Array.from({ length: 20 }, (_, number) => `concurrent ${number}`)
    await Promise.all(keys.map((key) => store.read(key)))
    expect(proxy.paths).toEqual(['/pipeline'])
  })

  it('shares records and leases with a client over TCP', async () => {
    const one = redisStore({ client: connect() })
    const other = redisStore({ client: admin })
    expect(await one.compareAndSet('shared', { epoch: 3, data: '{"字":1}' }, 0)).toBe(true)
    expect(await other.read('shared')).toEqual({ epoch: 3, data: '{"字":1}', rev: 1 })
    const fence = await fenceOf(other.lease('shared', 'other', 60_000))
    expect(await one.lease('shared', 'one', 60_000)).toBeUndefined()
    await other.release('shared', 'other', fence)
    expect(await fenceOf(one.lease('shared', 'one', 60_000))).toBeGreaterThan(fence)
  })

  describe.each([true, false])('errors with automatic pipelining: %s', (enableAutoPipelining) => {
    const secret = 'canary'
    // No JSON, whose fields would be redacted by their names.
    const data = `${secret} access, ${secret} refresh `.repeat(20)
    const open = (changes: Partial<RedisConfigNodejs> = {}) =>
      redisStore({ client: connect({ enableAutoPipelining, ...changes }) })

    /** Returns the messages that calls reject with, and checks that no error contains a secret. */
    async function messagesOf(...calls: Promise<unknown>[]): Promise<string[]> {
      const settled = await Promise.allSettled(calls)
      return settled.map((each) => {
        if (each.status === 'fulfilled') return 'no error'
        const { reason } = each
        const shown = inspect(reason, { depth: 20, showHidden: true, getters: true, maxStringLength: null })
        expect(`${shown}${JSON.stringify(reason)}${reason.stack}`).not.toMatch(
          new RegExp(`${secret}|${proxy.token}`),
        )
        expect(Reflect.ownKeys(reason).sort()).toEqual(['message', 'stack'])
        return reason.message
      })
    }
    // The key is too short to be recognized as a part of the request.
    const calls = (store = open()) => [
      store.compareAndSet('user 1', { epoch: 1, data }, 0),
      store.compareAndSet('k', { epoch: 1, data }, 0),
      store.read('k'),
    ]

    it('report an error of the server', async () => {
      await admin.replicaof('127.0.0.1', await freePort())
      const messages = await messagesOf(...calls().slice(0, 2))
      await admin.replicaof('NO', 'ONE')
      for (const message of messages) {
        expect(message).toMatch(/^Redis: (Command failed: )?READONLY .* \(eval(sha)? of @upstash\/redis\)$/)
      }
    })

    it('report a request that the service rejects', async () => {
      proxy.respond = () => ({ status: 429, body: '{"error":"ERR max requests limit exceeded"}' })
      const messages = await messagesOf(...calls())
      expect(messages).toEqual(
        Array(3).fill('Redis: ERR max requests limit exceeded (evalsha of @upstash/redis)'),
      )
    })

    it('report a response that is no JSON', async () => {
      for (const status of [200, 502]) {
        proxy.respond = (_path, body) => ({ status, body: `<html>${body}` })
        const messages = await messagesOf(...calls())
        expect(messages).toEqual(
          Array(3).fill('Redis: Unable to parse response body (evalsha of @upstash/redis)'),
        )
      }
    })

    it('report a truncated response', async () => {
      await open().compareAndSet('truncated', { epoch: 1, data }, 0)
      const result = ['1', '1', data]
      const whole = JSON.stringify(enableAutoPipelining ? [{ result }] : { result })
      proxy.respond = () => ({ status: 200, body: whole.slice(0, -5) })
      const [message] = await messagesOf(open({ responseEncoding: false }).read('k'))
      expect(message).toBe('Redis: Unable to parse response body (evalsha of @upstash/redis)')
    })

    it('report a reply that no script of the store returns', async () => {
      // A client whose request was aborted by a signal may return null or a text.
      for (const result of [null, 'Aborted', 1, ['1', '1', data], {}]) {
        proxy.respond = () => ({
          status: 200,
          body: JSON.stringify(enableAutoPipelining ? [{ result }] : { result }),
        })
        const store = open({ responseEncoding: false })
        const record = { epoch: 1, data }
        const [read, lease, write] = [
          await messagesOf(store.read('k')),
          await messagesOf(store.lease('k', 'one', 60_000)),
          await messagesOf(store.compareAndSet('k', record, 0)),
        ]
        const invalid = ['Redis: the reply of a script is invalid (evalsha of @upstash/redis)']
        expect([read, lease, write]).toEqual([invalid, invalid, invalid])
      }
    })

    it('reject a call whose request was aborted', async () => {
      const store = open({ signal: AbortSignal.abort() })
      const messages = await messagesOf(store.read('k'), store.lease('k', 'one', 60_000))
      expect(messages.filter((message) => !message.startsWith('Redis: '))).toEqual([])
    })

    it('report an invalid REST token', async () => {
      const [message] = await messagesOf(open({ token: `${secret}-token` }).read('k'))
      expect(message).toBe('Redis: WRONGPASS invalid or missing auth token (evalsha of @upstash/redis)')
    })

    it('do not contain a REST token that is no valid header', async () => {
      const [message] = await messagesOf(open({ token: `${secret}-0123456789abcdef\u{1F511}` }).read('k'))
      expect(message).toMatch(/^Redis: .+ \(evalsha of @upstash\/redis\)$/)
    })

    it('report an unreachable server', async () => {
      const url = `http://127.0.0.1:${await freePort()}`
      const [message] = await messagesOf(open({ url }).read('k'))
      expect(message).toBe('Redis: fetch failed: ECONNREFUSED (evalsha of @upstash/redis)')
    })
  })

  it('lists keys with a prefix that is JSON', async () => {
    const store = redisStore({ client: connect(), prefix: '1' })
    for (const key of ['1', 'null', '"']) await store.compareAndSet(key, { epoch: 0, data: '1' }, 0)
    const listed: string[] = []
    for await (const key of store.list?.() ?? []) listed.push(key)
    expect(listed.sort()).toEqual(['"', '1', 'null'])
  })

  it('accepts no pipeline or transaction', () => {
    for (const client of [connect().pipeline(), connect().multi()]) {
      expect(() => redisStore({ client: client as unknown as RedisClient })).toThrow('and no pipeline')
    }
  })

  it('accepts a client that has the functions of the library', async () => {
    const { evalsha, eval: evalScript } = connect()
    const client: HttpRedisClient = { createScript: () => undefined, evalsha, eval: evalScript }
    const store = redisStore({ client })
    expect(await store.compareAndSet('own client', { epoch: 1, data: '1' }, 0)).toBe(true)
    expect(store).not.toHaveProperty('list')
  })
})
