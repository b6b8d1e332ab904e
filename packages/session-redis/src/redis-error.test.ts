import { expect, it } from 'vitest'
import { redisError } from './redis-error.ts'

const sent = ['pds:user-1', '1', JSON.stringify({ refresh: 'a refresh token' })]

it.each<[unknown, string]>([
  [new Error('Connection is closed.'), 'Redis: Connection is closed.'],
  [new Error("ERR unknown, with args: '1'"), "Redis: ERR unknown, with args: '1'"],
  [new Error('ERR of pds:user-1'), 'Redis: ERR (message omitted: it repeats a part of the request)'],
  [new TypeError('{"refres'), 'Redis: TypeError (message omitted: it repeats a part of the request)'],
  [Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }), 'Redis: ECONNREFUSED'],
  [new AggregateError([]), 'Redis: AggregateError'],
  // This error of node-redis has no message and no own name.
  [new (class TimeoutError extends Error {})(), 'Redis: TimeoutError'],
  ['a refresh token', 'Redis: a value of type string was thrown instead of an Error'],
])('the error for %j has the expected message', (reason, message) => {
  expect(redisError(reason, sent).message).toBe(message)
})
