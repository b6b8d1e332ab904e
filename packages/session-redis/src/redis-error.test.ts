import { expect, it } from 'vitest'
import { redisError } from './redis-error.ts'

const sent = ['pds:user-1', '1', JSON.stringify({ refresh: 'a refresh token' })]

it.each<[unknown, string]>([
  [new Error('Connection is closed.'), 'Redis: Connection is closed.'],
  [new Error("ERR unknown, with args: '1'"), "Redis: ERR unknown, with args: '1'"],
  [
    new Error('ERR of pds:user-1'),
    'Redis: ERR, with a message that is left out, for it repeats what was sent',
  ],
  [
    new TypeError('{"refres'),
    'Redis: TypeError, with a message that is left out, for it repeats what was sent',
  ],
  [Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }), 'Redis: ECONNREFUSED'],
  [new AggregateError([]), 'Redis: AggregateError'],
  // As node-redis has it: without a message, and without a name.
  [new (class TimeoutError extends Error {})(), 'Redis: TimeoutError'],
  ['a refresh token', 'Redis: not an Error was thrown, but a string'],
])('the error of %j', (reason, message) => {
  expect(redisError(reason, sent).message).toBe(message)
})
