import { createTransport, type IPDSRequestConfig, type PDSFetch, type PDSTransportConfig } from '@pds/core'
import { invalidParameter, requestToken, type TokenRequest } from '@pds/core/internal'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { call, failure, ok, serve, servers, type TestResponse } from '../test/scripted-server.test-helper.ts'
import { backoff } from './retry-policy.ts'

// With full jitter of 0 there is no delay between attempts.
beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
})

afterEach(() => {
  vi.restoreAllMocks()
})

/** Returns a replayable request with a different parameter in each attempt. */
function replayable(): TokenRequest {
  let attempt = 0
  return { path: '/oauth/token', format: 'form', params: async () => ({ attempt: String(++attempt) }) }
}

const busy = { status: 429, headers: { 'retry-after': '0' } }
const unavailable = { status: 503, headers: { 'retry-after': '0' } }

const lost: [what: string, scripted: TestResponse, code: string][] = [
  ['a lost connection', (_request, response) => response.destroy(), 'NetworkError'],
  ['an internal error', { status: 500 }, 'InvalidResponse'],
  ['a gateway error', { status: 504, headers: { 'x-ca-error-code': 'D504TO' } }, 'D504TO'],
]

describe('a request is retried', () => {
  it.each([
    ['if it was throttled', busy],
    ['if the service is unavailable', unavailable],
  ])('%s', async (_what, response) => {
    const { received, api_endpoint } = await serve(response, response, ok)
    await call(api_endpoint)
    expect(received.map(({ body }) => body)).toEqual(Array(3).fill('code=canary+code%2F%2B'))
  })

  it('up to retryCount times', async () => {
    const { received, api_endpoint } = await serve(busy)
    expect(await failure(call(api_endpoint))).toMatchObject({ status: 429, outcome: 'responded' })
    expect(received).toHaveLength(3)
    await failure(call(api_endpoint, { retryCount: 0 }))
    expect(received).toHaveLength(4)
  })

  it('if the connection was refused, which has the outcome not-sent', async () => {
    const closed = await serve(ok)
    servers[0]?.close()
    const { api_endpoint } = await serve(ok)
    let attempts = 0
    const refusedOnce: PDSFetch = (url, init) => fetch(++attempts === 1 ? closed.api_endpoint : url, init)
    await call(api_endpoint, {}, { fetch: refusedOnce })
    expect(attempts).toBe(2)

    expect(await failure(call(closed.api_endpoint, { retryCount: 0 }))).toMatchObject({
      code: 'NetworkError',
      type: 'ClientError',
      outcome: 'not-sent',
      message: expect.stringContaining(`the connection to ${closed.api_endpoint} failed (ECONNREFUSED: `),
    })
  })

  it.each(lost)('after %s only if it is replayable', async (_what, scripted, code) => {
    const { received, api_endpoint } = await serve(scripted, ok)
    expect(await failure(call(api_endpoint))).toMatchObject({ code, outcome: 'unknown' })
    expect(received).toHaveLength(1)

    const second = await serve(scripted, ok)
    await requestToken(createTransport({ api_endpoint: second.api_endpoint }), replayable())
    expect(second.received.map(({ body }) => body)).toEqual(['attempt=1', 'attempt=2'])
  })

  it('with the outcome unknown after one attempt with that outcome', async () => {
    const { received, api_endpoint } = await serve((_request, response) => response.destroy(), {
      status: 400,
    })
    const promise = requestToken(createTransport({ api_endpoint }), replayable())
    expect(await failure(promise)).toMatchObject({ status: 400, outcome: 'unknown' })
    expect(received).toHaveLength(2)
  })
})

/**
 * Returns the delay before the retry that follows a response with these headers, in milliseconds, or undefined if there
 * is no retry.
 */
async function delayAfter(
  headers: Record<string, string>,
  config: PDSTransportConfig = {},
  failures = 1,
): Promise<number | undefined> {
  const { api_endpoint } = await serve({ status: 429, headers })
  const controller = new AbortController()
  let observedDelay: number | undefined
  const beforeRetry = ({ attempt, delay }: { attempt: number; delay: number }) => {
    if (attempt < failures) return
    observedDelay = delay
    // The test does not wait for the delay.
    controller.abort()
  }
  const options = { signal: controller.signal, hooks: { beforeRetry } }
  await failure(call(api_endpoint, options, { retryCount: 9, ...config }))
  return observedDelay
}

describe('the delay before a retry', () => {
  const now = Date.parse('2026-01-02T03:04:05Z')
  const clock = () => now

  it.each([
    ['0', 0],
    ['7', 7000],
    [' 7 ', 7000],
    ['Fri, 02 Jan 2026 03:04:15 GMT', 10_000],
    ['Fri, 02 Jan 2026 03:04:00 GMT', 0],
    ['5, 9', 5000],
  ])('is the one in Retry-After: %s', async (value, expected) => {
    const date = new Date(now).toUTCString()
    expect(await delayAfter({ 'retry-after': value, date }, { clock })).toBe(expected)
  })

  it('ends at a date by the clock of the server', async () => {
    // Its clock is 3 hours ahead. The header is truncated to seconds, so the clock adds half a second.
    const headers = { date: 'Fri, 02 Jan 2026 06:04:05 GMT', 'retry-after': 'Fri, 02 Jan 2026 06:04:15 GMT' }
    expect(await delayAfter(headers, { clock })).toBe(9500)
  })

  it.each(['', '-1', '+3', '1.5', 'soon', 'soon 5', '2026-01-02', '02 Jan 2026 03:04:15 GMT'])(
    'is random if Retry-After is %j',
    async (value) => {
      vi.mocked(Math.random).mockReturnValue(0.5)
      expect(await delayAfter({ 'retry-after': value }, { clock: () => now })).toBe(250)
    },
  )

  it('has full jitter over a backoff that doubles from 500 ms to 30 s', () => {
    vi.mocked(Math.random).mockReturnValue(0.5)
    const delays = [1, 2, 3, 7, 8, 1000].map(backoff)
    expect(delays).toEqual([250, 500, 1000, 15_000, 15_000, 15_000])
    vi.mocked(Math.random).mockReturnValue(0)
    expect(backoff(5)).toBe(0)
  })

  it.each([
    ['60', 60_000],
    ['61', 61_000],
    ['Fri, 02 Jan 2026 04:04:05 GMT', 60_000],
    ['99999999999999999999', 60_000],
  ])('fails the call at once if it exceeds totalTimeout: Retry-After %s', async (value, totalTimeout) => {
    const headers = { 'retry-after': value, date: new Date(now).toUTCString() }
    expect(await delayAfter(headers, { clock, totalTimeout })).toBeUndefined()
  })

  it('is unlimited without totalTimeout, up to the longest delay of a timer', async () => {
    expect(await delayAfter({ 'retry-after': '86400' }, { totalTimeout: 0 })).toBe(86_400_000)
    // The longest delay of a timer is 24 days: a timer with a longer delay fires at once.
    expect(await delayAfter({ 'retry-after': '9999999' }, { totalTimeout: 0 })).toBeUndefined()
  })
})

describe('a request that is not replayable', () => {
  it.each(lost)('is retried after %s if retryUnknown is true', async (_what, scripted) => {
    const { received, api_endpoint } = await serve(scripted, ok)
    await call(api_endpoint, { retryUnknown: true })
    expect(received).toHaveLength(2)
  })

  it('is not retried if retryUnknown is false', async () => {
    const { received, api_endpoint } = await serve({ status: 500 }, ok)
    await failure(call(api_endpoint, { retryUnknown: false }))
    expect(received).toHaveLength(1)
  })
})

describe('the option retryUnknown of a transport', () => {
  const post = (api_endpoint: string, params: object, options?: IPDSRequestConfig) =>
    createTransport({ api_endpoint, retryUnknown: true }).post(
      { endpoint: 'api', path: '/', format: 'json', params: { ...params }, read: (data) => data },
      options,
    )
  const apiCall = { user_id: 'user-1' }
  const refresh = { grant_type: 'refresh_token', refresh_token: 'canary' }

  it.each<[what: string, params: object, options: IPDSRequestConfig, attempts: number]>([
    ['is the default of an API call', apiCall, {}, 2],
    ['is overridden by the call', apiCall, { retryUnknown: false }, 1],
    ['does not apply to a request that may spend a code or a refresh token', refresh, {}, 1],
    ['does not apply to it if the option of the call is undefined', refresh, { retryUnknown: undefined }, 1],
    ['does not prevent the option of such a call', refresh, { retryUnknown: true }, 2],
  ])('%s', async (_what, params, options, attempts) => {
    const { received, api_endpoint } = await serve({ status: 500 }, ok)
    const [result] = await Promise.allSettled([post(api_endpoint, params, options)])
    expect(result.status).toBe(attempts === 2 ? 'fulfilled' : 'rejected')
    expect(received).toHaveLength(attempts)
  })
})

describe('a request whose params fail on a retry', () => {
  it('keeps the outcome of the earlier attempts', async () => {
    const { received, api_endpoint } = await serve({ status: 500 })
    let made = 0
    const params = async () => {
      if (++made === 2) throw invalidParameter('the signer is gone')
      return {}
    }
    const promise = requestToken(createTransport({ api_endpoint }), { path: '/', format: 'form', params })
    expect(await failure(promise)).toMatchObject({ message: 'the signer is gone', outcome: 'unknown' })
    expect(received).toHaveLength(1)
  })
})

describe('a rejected assertion', () => {
  const hours = 3_600_000
  const rejected = (date: number, status = 400): TestResponse => ({
    status,
    body: { code: 'InvalidParameter', message: 'not valid yet' },
    headers: { date: new Date(date).toUTCString() },
  })

  it.each([
    [400, -3 * hours],
    [401, 3 * hours],
    [403, 10 * 365.25 * 24 * hours],
  ])('with status %i and a clock that is off by %i ms is signed again, once', async (status, off) => {
    const now = Date.parse('2026-01-02T03:04:05Z')
    const scripted = rejected(now + off, status)
    const { received, api_endpoint } = await serve(scripted)
    const transport = createTransport({ api_endpoint, clock: () => now, retryCount: 0 })
    const signedAt: number[] = []
    const params = async () => {
      signedAt.push(transport.now())
      return {}
    }
    const request = { path: '/', format: 'form', params } as const
    expect(await failure(requestToken(transport, request))).toMatchObject({ status, outcome: 'responded' })
    expect(signedAt).toEqual([now, now + off + 500])
    // The transport knows the server's clock now.
    await failure(requestToken(transport, request))
    expect(received).toHaveLength(3)
  })

  it.each([
    ['signed by a correct clock', 0, 400],
    ['rejected with another status', 3 * hours, 404],
  ])('is not signed again if it was %s', async (_what, off, status) => {
    const now = Date.parse('2026-01-02T03:04:05Z')
    const { received, api_endpoint } = await serve(rejected(now + off, status))
    const transport = createTransport({ api_endpoint, clock: () => now })
    await failure(requestToken(transport, replayable()))
    expect(received).toHaveLength(1)
  })

  it('is not sent again if the request is not replayable', async () => {
    const now = Date.parse('2026-01-02T03:04:05Z')
    const { received, api_endpoint } = await serve(rejected(now + 3 * hours))
    await failure(call(api_endpoint, {}, { clock: () => now }))
    expect(received).toHaveLength(1)
  })
})
