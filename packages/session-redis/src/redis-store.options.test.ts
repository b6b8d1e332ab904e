import { isPDSError } from '@pds/core'
import { type RedisStoreOptions, redisStore } from '@pds/session-redis'
import { expect, it } from 'vitest'
import { redisKey } from './redis-store.ts'

const client = { evalSha: async () => null, eval: async () => null }
const wants = 'a client of redis (node-redis) or ioredis, with the functions eval and evalSha or evalsha'

it.each<[string, unknown, string]>([
  ['undefined', undefined, 'options must be a plain object (received undefined)'],
  ['a missing client', {}, `client is required: ${wants}`],
  ['an undefined client', { client: undefined }, `client is required: ${wants}`],
  ['a URL', { client: 'redis://127.0.0.1' }, `client must be ${wants} (received a string)`],
  ['null as the client', { client: null }, `client must be ${wants} (received null)`],
  ['the options of a client', { client: { url: '' } }, `client must be ${wants} (received an object)`],
  [
    'an incomplete client',
    { client: { evalSha: client.evalSha } },
    `client must be ${wants} (received an object)`,
  ],
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
  [
    'expireAfter 0',
    { client, expireAfter: 0 },
    'expireAfter must be a positive integer (milliseconds) (received 0)',
  ],
  ['a fractional expireAfter', { client, expireAfter: 0.5 }, 'expireAfter must be a positive integer'],
  ['expireAfter as text', { client, expireAfter: '7d' }, 'integer (milliseconds) (received a string)'],
  ['an infinite expireAfter', { client, expireAfter: Infinity }, '(milliseconds) (received Infinity)'],
  [
    'an unknown option',
    { client, ttl: 1 },
    'ttl is not supported: the names are client, prefix, expireAfter',
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
  expect(redisStore({ client, prefix: undefined, expireAfter: undefined }).scope).toBe('cluster')
})

it('redisStore does not use the client before the first call', () => {
  const fail = () => {
    throw new Error('called')
  }
  redisStore({ client: { evalsha: fail, eval: fail } })
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
