import { inspect } from 'node:util'
import { PDSError } from '@pds/core'
import { expect, it } from 'vitest'
import { storeError } from './store-error.ts'

function withFields(fields: Record<string, unknown>): Error {
  return Object.assign(new Error('a message with secret data'), fields)
}

it.each([
  [{ code: 'ERR_SQLITE_ERROR', errcode: 13, errstr: 'database or disk is full' }, 'free space on the disk'],
  [{ code: 'ERR_SQLITE_ERROR', errcode: 778, errstr: 'disk I/O error' }, 'the disk failed'],
  [{ code: 'ERR_SQLITE_ERROR', errcode: 11, errstr: 'database disk image is malformed' }, 'restore a backup'],
  [
    { code: 'ERR_SQLITE_ERROR', errcode: 3091, errstr: 'constraint failed' },
    'constraint failed, code 3091 (/a/file)',
  ],
  [{ code: 'ERR_OUT_OF_RANGE' }, 'SQLite: ERR_OUT_OF_RANGE (/a/file)'],
  [{ code: 'EROFS', syscall: 'open' }, 'EROFS (/a/file): the file system is read-only'],
  [{ code: 'EIO', syscall: 'open' }, 'EIO (/a/file)'],
])('%j becomes an error without the original message', (fields, expected) => {
  const error = storeError(withFields(fields), '/a/file') as Error
  expect(error.message).toContain(expected)
  expect(error.message).toContain('(/a/file)')
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('secret')
})

it.each([
  new PDSError('an error of the SDK', { code: 'InvalidParameter', outcome: 'not-sent' }),
  new TypeError('an error of the calling code'),
  'not an error',
])('returns %s unchanged', (error) => {
  expect(storeError(error, '/a/file')).toBe(error)
})
