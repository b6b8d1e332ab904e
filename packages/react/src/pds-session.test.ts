import { PDSError } from '@pds/core'
import type { SessionStatus } from '@pds/session'
import { expect, it } from 'vitest'
import { failedResult, settledResult } from './pds-session.ts'

const error = new PDSError('failed', { code: 'NetworkError', outcome: 'unknown', retryAt: 7 })
const user = { id: 'user-1', name: 'Ann' }

it.each<[SessionStatus, object | undefined]>([
  [{ status: 'unknown' }, undefined],
  [{ status: 'new' }, undefined],
  [{ status: 'unknown', error, retryAt: 7 }, undefined],
  [
    { status: 'ok', user, since: 1, expiresAt: 2 },
    { status: 'signed_in', user, since: 1, expiresAt: 2 },
  ],
  [
    { status: 'ok', user, error, retryAt: 7 },
    { status: 'signed_in', user, error, retryAt: 7 },
  ],
  // A server may know no more.
  [{ status: 'ok' }, { status: 'signed_in', user: {} }],
  [
    { status: 'login_required', cause: 'rejected', since: 1, error },
    { status: 'signed_out', cause: 'rejected', since: 1 },
  ],
  [
    { status: 'signed_out', since: 1 },
    { status: 'signed_out', cause: 'signed_out', since: 1 },
  ],
])('the status %j means %j', (status, result) => {
  expect(settledResult(status)).toEqual(result)
  expect(Object.isFrozen(settledResult(status))).toBe(true)
})

it('a failure has its error, when to retry and a function that retries', () => {
  const retry = () => undefined
  expect(failedResult(error, retry)).toEqual({ status: 'error', error, retryAt: 7, retry })
})
