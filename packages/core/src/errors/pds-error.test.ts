import { inspect } from 'node:util'
import { isPDSError, PDSError } from '@pds/core'
import { describe, expect, it } from 'vitest'
import { PDSError as SecondCopy } from './pds-error.ts'

describe('PDSError', () => {
  it('ends its message with status, code and request id if the service responded', () => {
    const options = { code: 'InternalError', status: 500, outcome: 'unknown' } as const
    expect(new PDSError('it failed', options).message).toBe('it failed [status: 500] [code: InternalError]')
    expect(new PDSError('it failed', { ...options, reqId: 'R1' }).message).toBe(
      'it failed [status: 500] [code: InternalError] [reqId: R1]',
    )
    expect(new PDSError('it failed', { code: 'Aborted', outcome: 'unknown' }).message).toBe('it failed')
  })

  it('is a ServerError with a status and a ClientError without', () => {
    expect(new PDSError('', { code: 'Forbidden', status: 403, outcome: 'responded' }).type).toBe(
      'ServerError',
    )
    expect(new PDSError('', { code: 'Timeout', outcome: 'unknown' }).type).toBe('ClientError')
  })

  it('has no undefined fields', () => {
    const error = new PDSError('no time', { code: 'Timeout', outcome: 'unknown' })
    expect(Object.keys(error).sort()).toEqual(['code', 'name', 'outcome', 'type'])
    expect(inspect(error)).not.toContain('undefined')
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'PDSError',
      message: 'no time',
      code: 'Timeout',
      type: 'ClientError',
      outcome: 'unknown',
    })
  })
})

describe('isPDSError', () => {
  it('recognizes the errors of another copy of the package', () => {
    const error = new SecondCopy('', { code: 'Aborted', outcome: 'not-sent' })
    expect(error).not.toBeInstanceOf(PDSError)
    expect(isPDSError(error)).toBe(true)
  })

  it.each([undefined, null, 'PDSError', {}, new Error('PDSError'), { name: 'PDSError', code: 'Aborted' }])(
    'returns false for %o',
    (value) => {
      expect(isPDSError(value)).toBe(false)
    },
  )
})
