import { isPDSError } from '@pds/core'
import { type RedisStoreOptions, redisStore } from '@pds/session-redis'
import { Redis as HttpRedis } from '@upstash/redis'
import { Cluster, Redis } from 'ioredis'
import { createClient, createCluster } from 'redis'
import { expect, it } from 'vitest'
import { redisKey } from './redis-key.ts'

const evalScript = async () => null
const client = { isOpen: true, evalSha: evalScript, eval: evalScript }
const wants =
  'a client of redis (node-redis), ioredis or @upstash/redis, and no pipeline, transaction or legacy client'
const longEnough =
  'an integer of at least 2592000000 (30 days in milliseconds), so that a sign-out outlives every refresh token'
const single = 'subscriber must be a connection of redis (createClient) or ioredis (Redis), and not of a pool'
const ioredis = new Redis({ lazyConnect: true })
const httpRedis = new HttpRedis({ url: 'https://redis.example.com', token: 'a' })

it.each<[string, unknown, string]>([
  ['undefined', undefined, 'options must be a plain object (received undefined)'],
  ['a missing client', {}, `client is required: ${wants}`],
  ['an undefined client', { client: undefined }, `client is required: ${wants}`],
  ['a URL', { client: 'redis://127.0.0.1' }, `client must be ${wants} (received a string)`],
  ['null as the client', { client: null }, `client must be ${wants} (received null)`],
  ['the options of a client', { client: { url: '' } }, `client must be ${wants} (received an object)`],
  [
    'an incomplete client',
    { client: { isOpen: true, evalSha: evalScript } },
    `client must be ${wants} (received an object)`,
  ],
  ...Object.entries({
    'a transaction of node-redis': createClient().multi(),
    'a legacy client of node-redis': createClient().legacy(),
    'a pipeline of ioredis': ioredis.pipeline(),
    'a transaction of ioredis': ioredis.multi(),
    'a pipeline of @upstash/redis': httpRedis.pipeline(),
    'a client with callbacks': { connected: true, ready: true, eval: evalScript, evalsha: evalScript },
    'a client without scripts': { isOpen: true, status: 'ready', get: evalScript },
  }).map(([name, other]): [string, unknown, string] => [
    name,
    { client: other },
    `client must be ${wants} (received an object)`,
  ]),
  [
    'an empty prefix',
    { client, prefix: '' },
    'prefix must be a non-empty string without braces (received an empty',
  ],
  [
    'a prefix with braces',
    { client, prefix: '{pds}' },
    'prefix must be a non-empty string without braces (received a string)',
  ],
  ['expireAfter 0', { client, expireAfter: 0 }, `expireAfter must be ${longEnough} (received 0)`],
  [
    'expireAfter that ends a sign-out too early',
    { client, expireAfter: 2_591_999_999 },
    `expireAfter must be ${longEnough} (received 2591999999)`,
  ],
  ['a fractional expireAfter', { client, expireAfter: 2_592_000_000.5 }, `expireAfter must be ${longEnough}`],
  ['expireAfter as text', { client, expireAfter: '30d' }, `${longEnough} (received a string)`],
  ['an infinite expireAfter', { client, expireAfter: Infinity }, `${longEnough} (received Infinity)`],
  [
    'a URL as the subscriber',
    { client, subscriber: 'redis://' },
    `${single}, cluster or sentinel (received a string)`,
  ],
  [
    'a client that cannot subscribe',
    { client, subscriber: {} },
    `${single}, cluster or sentinel (received an object)`,
  ],
  [
    'a cluster of ioredis as the subscriber',
    { client, subscriber: new Cluster(['redis://127.0.0.1:1'], { lazyConnect: true }) },
    `${single}, cluster or sentinel (received an object)`,
  ],
  [
    'a cluster of node-redis as the subscriber',
    { client, subscriber: createCluster({ rootNodes: [] }) },
    `${single}, cluster or sentinel (received an object)`,
  ],
  [
    'a client of @upstash/redis as the subscriber',
    { client, subscriber: httpRedis },
    `${single}, cluster or sentinel (received an object)`,
  ],
  [
    'the client itself as the subscriber',
    { client: ioredis, subscriber: ioredis },
    'redisStore: subscriber must be another connection than client',
  ],
  [
    'an unknown option',
    { client, ttl: 1 },
    'ttl is not supported: the names are client, subscriber, prefix, expireAfter',
  ],
])('redisStore rejects %s', (_case, options, message) => {
  let thrown: unknown
  try {
    redisStore(options as RedisStoreOptions)
  } catch (error) {
    thrown = error
  }
  expect(isPDSError(thrown)).toBe(true)
  expect(thrown).toMatchObject({ code: 'InvalidParameter', message: expect.stringContaining(message) })
})

it('redisStore accepts undefined for an optional option', () => {
  expect(redisStore({ client, subscriber: undefined, prefix: undefined, expireAfter: undefined }).scope).toBe(
    'cluster',
  )
})

it('redisStore does not use the client before the first call', () => {
  const fail = () => {
    throw new Error('called')
  }
  redisStore({ client: { status: 'ready', evalsha: fail, eval: fail } })
  redisStore({ client: { createScript: fail, evalsha: fail, eval: fail } })
})

it('redisStore can watch only with a subscriber', () => {
  expect(redisStore({ client })).not.toHaveProperty('watch')
  expect(redisStore({ client })).not.toHaveProperty('isWatching')
  expect(redisStore({ client, subscriber: ioredis })).toHaveProperty('watch')
  expect(redisStore({ client, subscriber: createClient() })).toHaveProperty('isWatching')
})

it.each([
  ['pds', 'user-1', 'pds:user-1'],
  ['app:pds', 'user:字', 'app:pds:user%3a字'],
  ['pds', '%3a', 'pds:%253a'],
  ['pds', '{a}\u{1F511}', 'pds:{a}\u{1F511}'],
  ['pds', '\uD83D:\uDD11', 'pds:%d83d%3a%dd11'],
])('the Redis key for prefix %j and key %j is %j', (prefix, key, expected) => {
  expect(redisKey(prefix, key)).toBe(expected)
})
