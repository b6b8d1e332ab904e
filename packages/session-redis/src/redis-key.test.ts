import { expect, it } from 'vitest'
import { redisKey } from './redis-key.ts'

it.each([
  ['pds', 'user-1', 'pds:user-1'],
  ['app:pds', 'user:字', 'app:pds:user%3a字'],
  ['pds', '%3a', 'pds:%253a'],
  ['pds', '{a}\u{1F511}', 'pds:{a}\u{1F511}'],
  ['pds', '\uD83D:\uDD11', 'pds:%d83d%3a%dd11'],
])('the key of %j and %j is %j', (prefix, key, expected) => {
  expect(redisKey(prefix, key)).toBe(expected)
})
