import { inspect } from 'node:util'
import { PDSError } from '@pds/core'
import { expect, it } from 'vitest'
import { storeError } from './store-error.ts'

function withFields(fields: Record<string, unknown>): Error {
  return Object.assign(new Error('a message with secret data'), fields)
}

it.each([
  [{ code: 'ERR_SQLITE_ERROR', errcode: 13, errstr: 'database or disk is full' }, 'make room on the disk'],
  [{ code: 'ERR_SQLITE_ERROR', errcode: 778, errstr: 'disk I/O error' }, 'the disk fails'],
  [
    { code: 'ERR_SQLITE_ERROR', errcode: 11, errstr: 'database disk image is malformed' },
    'bring back a copy',
  ],
  [
    { code: 'ERR_SQLITE_ERROR', errcode: 3091, errstr: 'constraint failed' },
    'constraint failed, code 3091 (/a/file)',
  ],
  [{ code: 'ERR_OUT_OF_RANGE' }, 'SQLite: ERR_OUT_OF_RANGE (/a/file)'],
  [{ code: 'EROFS', syscall: 'open' }, 'EROFS (/a/file): the file system can only be read'],
  [{ code: 'EIO', syscall: 'open' }, 'EIO (/a/file)'],
])('%j becomes an error without the message that came', (fields, expected) => {
  const error = storeError(withFields(fields), '/a/file') as Error
  expect(error.message).toContain(expected)
  expect(error.message).toContain('(/a/file)')
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('secret')
})

it.each([
  new PDSError('one of the SDK', { code: 'InvalidParameter', outcome: 'not-sent' }),
  new TypeError('one of the code that called'),
  'no error at all',
])('leaves %s as it is', (error) => {
  expect(storeError(error, '/a/file')).toBe(error)
})
