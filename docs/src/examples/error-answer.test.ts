import { PDSError, type PDSErrorOptions } from '@pds/core'
import { expect, it } from 'vitest'
import { errorAnswer } from '../../examples/back-end/error-answer.ts'

const failures: [options: Omit<PDSErrorOptions, 'outcome'>, answer: number][] = [
  [{ code: 'LoginRequired' }, 401],
  // Also where the service's refusal is why.
  [{ code: 'LoginRequired', status: 400 }, 401],
  [{ code: 'Throttled', status: 429 }, 503],
  [{ code: 'InternalError', status: 503 }, 503],
  [{ code: 'Timeout' }, 504],
  [{ code: 'NetworkError' }, 502],
  [{ code: 'InvalidResponse', status: 200 }, 502],
  [{ code: 'InvalidParameter', status: 400 }, 502],
  [{ code: 'InvalidParameter' }, 500],
  [{ code: 'SigningFailed' }, 500],
]

it.each(failures)('of %j a page is told %i, and no more than it may know', (options, status) => {
  const error = new PDSError('a message for the log', { outcome: 'unknown', reqId: 'R-1', ...options })
  expect(errorAnswer(error)).toEqual({ status, body: { code: options.code, reqId: 'R-1' } })
})

it('of what is no error of the SDK a page is told nothing', () => {
  expect(errorAnswer(new Error('secret'))).toEqual({ status: 500, body: { code: 'InternalError' } })
})
