import { expect, it } from 'vitest'
import { redisError } from './redis-error.ts'

const sent = ['pds:user-1', '1', JSON.stringify({ refresh: 'a refresh token' })]

it.each<[unknown, string]>([
  [new Error('Connection is closed.'), 'Redis: Connection is closed.'],
  [
    Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } }),
    'Redis: fetch failed: ECONNREFUSED',
  ],
  [new Error('ERR limit, command was: [["evalsha","other session"]]'), 'Redis: ERR limit'],
  [new Error('Unable to parse response body: {"result":"data'), 'Redis: Unable to parse response body'],
  [new TypeError('"Bearer REST\ntoken" is invalid'), 'Redis: "Bearer'],
  [new Error("ERR unknown, with args: '1'"), "Redis: ERR unknown, with args: '1'"],
  [new Error('ERR of pds:user-1'), 'Redis: ERR (message omitted: it repeats a part of the request)'],
  [new TypeError('{"refres'), 'Redis: TypeError (message omitted: it repeats a part of the request)'],
  [Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }), 'Redis: ECONNREFUSED'],
  [new AggregateError([]), 'Redis: AggregateError'],
  // This error of node-redis has no message and no own name.
  [new (class TimeoutError extends Error {})(), 'Redis: TimeoutError'],
  ['a refresh token', 'Redis: a value of type string was thrown instead of an Error'],
])('the error for %j has the expected message', (reason, message) => {
  expect(redisError(reason, sent, 'eval of ioredis').message).toBe(`${message} (eval of ioredis)`)
})
