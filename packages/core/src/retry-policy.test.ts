import { createTransport, requestToken, type TokenRequest } from '@pds/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Answer, call, failure, ok, serve, servers } from './scripted-server.test-helper.ts'

// The pauses between attempts are drawn between 0 and their length: here all are 0.
beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
})

afterEach(() => {
  vi.restoreAllMocks()
})

/** A request that may be repeated, with another parameter at each attempt. */
function repeatable(): TokenRequest {
  let attempt = 0
  return { path: '/oauth/token', format: 'form', params: async () => ({ attempt: String(++attempt) }) }
}

const busy = { status: 429, headers: { 'retry-after': '0' } }
const unavailable = { status: 503, headers: { 'retry-after': '0' } }

describe('a request is sent again', () => {
  it.each([
    ['when throttled', busy],
    ['when the service is unavailable', unavailable],
  ])('%s', async (_what, refusal) => {
    const { received, api_endpoint } = await serve(refusal, refusal, ok)
    await call(api_endpoint)
    expect(received.map(({ body }) => body)).toEqual(Array(3).fill('code=canary+code%2F%2B'))
  })

  it('as often as retryCount allows', async () => {
    const { received, api_endpoint } = await serve(busy)
    expect(await failure(call(api_endpoint))).toMatchObject({ status: 429, outcome: 'answered' })
    expect(received).toHaveLength(3)
    await failure(call(api_endpoint, { retryCount: 0 }))
    expect(received).toHaveLength(4)
  })

  it('when the connection was refused, which the outcome tells', async () => {
    const closed = await serve(ok)
    servers[0]?.close()
    const { api_endpoint } = await serve(ok)
    let attempts = 0
    const refusedOnce: typeof fetch = (input, init) =>
      ++attempts === 1 ? fetch(new Request(closed.api_endpoint, input as Request)) : fetch(input, init)
    await call(api_endpoint, {}, { fetch: refusedOnce })
    expect(attempts).toBe(2)

    expect(await failure(call(closed.api_endpoint, { retryCount: 0 }))).toMatchObject({
      code: 'NetworkError',
      type: 'ClientError',
      outcome: 'not-sent',
      message: `the connection to ${closed.api_endpoint} failed (ECONNREFUSED)`,
    })
  })

  const lost: [what: string, answer: Answer, code: string][] = [
    ['a lost connection', (_request, response) => response.destroy(), 'NetworkError'],
    ['an internal error', { status: 500 }, 'InvalidResponse'],
    ['a gateway error', { status: 504, headers: { 'x-ca-error-code': 'D504TO' } }, 'D504TO'],
  ]
  it.each(lost)('after %s only where nothing can be spent twice', async (_what, answer, code) => {
    const { received, api_endpoint } = await serve(answer, ok)
    expect(await failure(call(api_endpoint))).toMatchObject({ code, outcome: 'unknown' })
    expect(received).toHaveLength(1)

    const again = await serve(answer, ok)
    await requestToken(createTransport({ api_endpoint: again.api_endpoint }), repeatable())
    expect(again.received.map(({ body }) => body)).toEqual(['attempt=1', 'attempt=2'])
  })

  it('with an unknown outcome for good, once one attempt had it', async () => {
    const { received, api_endpoint } = await serve((_request, response) => response.destroy(), {
      status: 400,
    })
    const promise = requestToken(createTransport({ api_endpoint }), repeatable())
    expect(await failure(promise)).toMatchObject({ status: 400, outcome: 'unknown' })
    expect(received).toHaveLength(2)
  })
})
