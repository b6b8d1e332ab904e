import { isPDSError } from '@pds/core'
import { type PostgresStoreOptions, postgresStore } from '@pds/session-postgres'
import { expect, it } from 'vitest'
import { tableNames } from './table.ts'

const query = async () => []
const wants = 'a function that runs a statement, such as (text, params) => pool.query(text, params)'
const longEnough =
  'an integer of at least 2592000000 (30 days in milliseconds), so that a sign-out outlives every refresh token'
const tableWants = 'table must be a name of 1 to 55 bytes, without quotes'

it.each<[string, unknown, string]>([
  ['undefined', undefined, 'options must be a plain object (received undefined)'],
  ['a missing query', {}, `query is required: ${wants}`],
  ['a URL', { query: 'postgres://127.0.0.1' }, `query must be ${wants} (received a string)`],
  ['a pool', { query: { query } }, `query must be ${wants} (received an object)`],
  ['a client to listen with', { query, listen: {} }, 'listen must be a function (received an object)'],
  ['an empty table', { query, table: '' }, `${tableWants} (received an empty string)`],
  ['a table with quotes', { query, table: '"a"' }, tableWants],
  ['a table with NUL', { query, table: 'a\0' }, tableWants],
  ['a table with a lone surrogate', { query, table: '\ud800' }, tableWants],
  ['a long table', { query, table: 'x'.repeat(56) }, tableWants],
  ['a long table in bytes', { query, table: '字'.repeat(19) }, tableWants],
  [
    'an empty schemaName',
    { query, schemaName: '' },
    'schemaName must be a name of 1 to 63 bytes, without quotes',
  ],
  ['expireAfter 0', { query, expireAfter: 0 }, `expireAfter must be ${longEnough} (received 0)`],
  [
    'expireAfter that ends a sign-out too early',
    { query, expireAfter: 2_591_999_999 },
    `expireAfter must be ${longEnough} (received 2591999999)`,
  ],
  ['a fractional expireAfter', { query, expireAfter: 2_592_000_000.5 }, `expireAfter must be ${longEnough}`],
  ['expireAfter as text', { query, expireAfter: '30d' }, `${longEnough} (received a string)`],
  [
    'an unknown option',
    { query, schema: 'app' },
    'schema is not supported: the names are query, listen, table, schemaName, expireAfter',
  ],
])('postgresStore rejects %s', (_case, options, message) => {
  let thrown: unknown
  try {
    postgresStore(options as PostgresStoreOptions)
  } catch (error) {
    thrown = error
  }
  expect(isPDSError(thrown)).toBe(true)
  expect(thrown).toMatchObject({ code: 'InvalidParameter', message: expect.stringContaining(message) })
})

it('postgresStore accepts undefined for an optional option, and names of the greatest length', () => {
  const optional = { listen: undefined, table: undefined, schemaName: undefined, expireAfter: undefined }
  expect(postgresStore({ query, ...optional }).scope).toBe('cluster')
  expect(postgresStore({ query, table: 'x'.repeat(55), schemaName: '字'.repeat(21) }).schema).toContain('字')
})

it('postgresStore uses neither query nor listen before the first call', () => {
  const fail = () => expect.fail('called')
  postgresStore({ query: fail, listen: fail })
})

it('postgresStore can watch only with listen', () => {
  expect(postgresStore({ query })).not.toHaveProperty('watch')
  expect(postgresStore({ query })).not.toHaveProperty('isWatching')
  const store = postgresStore({ query, listen: async () => () => undefined })
  expect(store).toHaveProperty('watch')
  expect(store).toHaveProperty('isWatching')
})

it('the names in the database are quoted, and the name of the channel needs no quotes', () => {
  expect(tableNames('public', 'pds_sessions')).toEqual({
    table: '"public"."pds_sessions"',
    index: '"pds_sessions_used_at"',
    qualifiedIndex: '"public"."pds_sessions_used_at"',
    channel: 'pds_public_pds_sessions',
  })
  expect(tableNames('of the App', "se'ss;ions").channel).toBe('pds_of_the__pp_se_ss_ions')
  expect(tableNames('x'.repeat(63), 'y'.repeat(55)).channel).toMatch(/^[a-z_]{63}$/)
})
