import { PDSError, type PDSErrorOptions } from '@pds/core'
import { expect, it } from 'vitest'
import { errorResponse } from '../../examples/back-end/error-response.ts'

const failures: [options: Omit<PDSErrorOptions, 'outcome'>, response: number][] = [
  [{ code: 'LoginRequired' }, 401],
  // Also if a rejection by the service caused it.
  [{ code: 'LoginRequired', status: 400 }, 401],
  [{ code: 'TooManyRequests', status: 429 }, 503],
  [{ code: 'Throttled' }, 503],
  [{ code: 'InternalError', status: 503 }, 503],
  [{ code: 'Timeout' }, 504],
  [{ code: 'NetworkError' }, 502],
  [{ code: 'InvalidResponse', status: 200 }, 502],
  [{ code: 'InvalidParameter', status: 400 }, 502],
  [{ code: 'InvalidParameter' }, 500],
  [{ code: 'SigningFailed' }, 500],
]

it.each(failures)(
  'maps %j to the status %i and returns only the code and the request id',
  (options, status) => {
    const error = new PDSError('a message for the log', { outcome: 'unknown', reqId: 'R-1', ...options })
    expect(errorResponse(error)).toEqual({ status, body: { code: options.code, reqId: 'R-1' } })
  },
)

it('returns InternalError without details for an error that is not a PDSError', () => {
  expect(errorResponse(new Error('secret'))).toEqual({ status: 500, body: { code: 'InternalError' } })
})
