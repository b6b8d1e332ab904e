import { isPDSError } from '@pds/core'
import { type RedisStoreOptions, redisStore } from '@pds/session-redis'
import { expect, it } from 'vitest'
import { redisKey } from './redis-store.ts'

const client = { evalSha: async () => null, eval: async () => null }
const aClient = 'a client of redis (node-redis) or of ioredis, with the functions eval and evalSha or evalsha'

it.each<[string, unknown, string]>([
  ['nothing', undefined, 'the options must be a plain object, got undefined'],
  ['no client', {}, `client is required: ${aClient}`],
  ['an undefined client', { client: undefined }, `client is required: ${aClient}`],
  ['a URL', { client: 'redis://127.0.0.1' }, `client must be ${aClient}, got a string`],
  ['null', { client: null }, `client must be ${aClient}, got null`],
  ['the options of a client', { client: { url: '' } }, `client must be ${aClient}, got an object`],
  ['half a client', { client: { evalSha: client.evalSha } }, `client must be ${aClient}, got an object`],
  [
    'an empty prefix',
    { client, prefix: '' },
    'prefix must be a non-empty string without braces, got an empty',
  ],
  ['braces', { client, prefix: '{pds}' }, 'prefix must be a non-empty string without braces, got a string'],
  ['no time', { client, expireAfter: 0 }, 'expireAfter must be a whole number of milliseconds from 1, got 0'],
  ['a part of one', { client, expireAfter: 0.5 }, 'expireAfter must be a whole number of milliseconds'],
  ['a text', { client, expireAfter: '7d' }, 'milliseconds from 1, got a string'],
  ['Infinity', { client, expireAfter: Infinity }, 'milliseconds from 1, got Infinity'],
  ['another option', { client, ttl: 1 }, 'ttl is not an option here: there are client, prefix, expireAfter'],
])('redisStore refuses %s', (_what, options, message) => {
  let thrown: unknown
  try {
    redisStore(options as RedisStoreOptions)
  } catch (error) {
    thrown = error
  }
  expect(isPDSError(thrown)).toBe(true)
  expect(thrown).toMatchObject({ code: 'InvalidParameter', message: expect.stringContaining(message) })
})

it('redisStore takes options that are undefined', () => {
  expect(redisStore({ client, prefix: undefined, expireAfter: undefined }).scope).toBe('cluster')
})

it('redisStore asks nothing of a client before it is used', () => {
  const never = () => {
    throw new Error('called')
  }
  redisStore({ client: { evalsha: never, eval: never } })
})

it.each([
  ['pds', 'user-1', 'pds:user-1'],
  ['app:pds', 'user:字', 'app:pds:user%3a字'],
  ['pds', '%3a', 'pds:%253a'],
  ['pds', '{a}\u{1F511}', 'pds:{a}\u{1F511}'],
  ['pds', '\uD83D:\uDD11', 'pds:%d83d%3a%dd11'],
])('the key of %j and %j is %j', (prefix, key, expected) => {
  expect(redisKey(prefix, key)).toBe(expected)
})
