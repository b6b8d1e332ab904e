import { errorResponse } from '@pds/backend'
import { PDSError, type PDSErrorOptions } from '@pds/core'
import { describe, expect, it } from 'vitest'

const errorOf = (options: Partial<PDSErrorOptions>) =>
  new PDSError('a message', { code: 'Forbidden', outcome: 'responded', ...options })

describe('errorResponse', () => {
  it.each([
    [{ code: 'LoginRequired' }, 401],
    [{ code: 'access_denied' }, 403],
    [{ code: 'StateMismatch' }, 400],
    [{ code: 'Throttled' }, 503],
    [{ code: 'TooManyRequests', status: 429 }, 503],
    [{ status: 503 }, 503],
    [{ code: 'Timeout' }, 504],
    [{ code: 'NetworkError' }, 502],
    [{ status: 400, reqId: 'r-1' }, 502],
    [{ status: 500 }, 502],
    [{ code: 'InvalidParameter' }, 500],
    [{ code: 'StoreFailed' }, 500],
    [{ code: 'SigningFailed' }, 500],
    [{ code: 'DecryptionFailed' }, 500],
  ])('responds to the error %j with %i', async (options, status) => {
    const response = errorResponse(errorOf(options))
    expect(response.status).toBe(status)
    const { code, reqId } = errorOf(options)
    expect(await response.json()).toEqual({ code, ...(reqId && { reqId }) })
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.has('retry-after')).toBe(status === 503)
  })

  it.each([new Error('a secret'), 'a secret', undefined, { code: 'a secret' }])('hides %j', async (error) => {
    const response = errorResponse(error)
    expect([response.status, await response.text()]).toEqual([500, '{"code":"InternalError"}'])
  })

  it('asks to wait as long as the service did', () => {
    const response = errorResponse(errorOf({ status: 429, retryAt: Date.now() + 600_000 }))
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(590)
  })
})
