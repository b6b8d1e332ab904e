import { expect, it } from 'vitest'
import { postgresError, sqlStateOf } from './postgres-error.ts'

const sent = ['user-1#canary', JSON.stringify({ refresh: 'a refresh token' })]
const withCode = (message: string, code: unknown) =>
  Object.assign(new Error(message), { code, detail: 'canary' })
const noTable = 'call migrate() of the store, or run the SQL of its property `schema`'

it.each<[unknown, string]>([
  [new Error('Connection terminated unexpectedly'), 'PostgreSQL: Connection terminated unexpectedly'],
  [
    withCode('relation "public.pds_sessions" does not exist', '42P01'),
    `PostgreSQL: relation "public.pds_sessions" does not exist (SQLSTATE 42P01): ${noTable}`,
  ],
  [withCode('division by zero', '22012'), 'PostgreSQL: division by zero (SQLSTATE 22012)'],
  [
    withCode('invalid input: {"refresh', '22P02'),
    'PostgreSQL: SQLSTATE 22P02 (message omitted: it repeats a part of the request)',
  ],
  [
    new TypeError('of user-1#canary'),
    'PostgreSQL: TypeError (message omitted: it repeats a part of the request)',
  ],
  [Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }), 'PostgreSQL: ECONNREFUSED'],
  [withCode('write EPIPE', 'EPIPE'), 'PostgreSQL: write EPIPE'],
  [new AggregateError([]), 'PostgreSQL: AggregateError'],
  ['a refresh token', 'PostgreSQL: a value of type string was thrown instead of an Error'],
  [undefined, 'PostgreSQL: a value of type undefined was thrown instead of an Error'],
])('the error for %j has the expected message', (reason, message) => {
  expect(postgresError(reason, sent).message).toBe(message)
})

it.each([
  ['42P01', '42P01'],
  ['3F000', '3F000'],
  ['XX000', 'XX000'],
  ['EPIPE', undefined],
  ['42p01', undefined],
  [42, undefined],
])('the SQLSTATE of an error with code %j is %j', (code, state) => {
  expect(sqlStateOf({ code })).toBe(state)
})
