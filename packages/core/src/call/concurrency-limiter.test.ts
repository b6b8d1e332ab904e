import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTransport, type PDSFetch, type PDSTransport, type PDSTransportConfig } from '@pds/core'
import { authorizeCall, requestToken } from '@pds/core/internal'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { failure, ok, serve, spendable, token } from '../test/scripted-server.test-helper.ts'

const send = (transport: PDSTransport, options = {}, path = '/oauth/token') =>
  requestToken(transport, { ...spendable, path }, options)

/** Starts a server that responds only when the test tells it to. */
async function serveOnDemand() {
  const waiting: ServerResponse[] = []
  const server = createServer((request, response) => {
    request.resume().on('end', () => waiting.push(response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const api_endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const respond = (status = 200, headers = {}) =>
    waiting.shift()?.writeHead(status, headers).end(JSON.stringify(ok.body))
  return { api_endpoint, waiting, respond }
}

/** Returns a fetch that counts its calls, and the functions that resolve them, in order. */
function deferredFetch() {
  const paths: string[] = []
  const resolvers: ((response: Response) => void)[] = []
  const fetch: PDSFetch = (url) => {
    paths.push(new URL(url).pathname)
    return new Promise((resolve) => void resolvers.push(resolve))
  }
  const respond = (status = 200, headers = {}) =>
    resolvers.shift()?.(Response.json(token, { status, headers }))
  return { paths, fetch, respond }
}

/** Waits until all promises that need no timer have settled. */
async function settled() {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe('concurrency', () => {
  it('is 32 requests by default, and other calls wait in order', async () => {
    const { api_endpoint, waiting, respond } = await serveOnDemand()
    const transport = createTransport({ api_endpoint })
    const calls = Array.from({ length: 40 }, () => send(transport))
    await expect.poll(() => waiting.length).toBe(32)
    await settled()
    expect(waiting).toHaveLength(32)
    for (let call = 0; call < 8; call++) respond()
    await Promise.all(calls.slice(0, 8))
    await expect.poll(() => waiting.length).toBe(32)
    while (waiting.length > 0) respond()
    await Promise.all(calls)
  })

  it('of 0 is no limit', async () => {
    const { api_endpoint, waiting, respond } = await serveOnDemand()
    const transport = createTransport({ api_endpoint, concurrency: 0 })
    const calls = Array.from({ length: 100 }, () => send(transport))
    await expect.poll(() => waiting.length).toBe(100)
    while (waiting.length > 0) respond()
    await Promise.all(calls)
  })

  it('lets calls wait before they are signed', async () => {
    const { fetch, respond } = deferredFetch()
    const transport = createTransport({ api_endpoint: 'https://bj1.test', fetch, concurrency: 1 })
    const params = vi.fn(async () => ({ assertion: 'canary-assertion' }))
    const calls = [1, 2].map(() => requestToken(transport, { ...spendable, params }))
    await settled()
    expect(params).toHaveBeenCalledTimes(1)
    respond()
    await settled()
    expect(params).toHaveBeenCalledTimes(2)
    respond()
    await Promise.all(calls)
  })

  it('gives the turn of a call that failed to the next one', async () => {
    const fetch = vi.fn<PDSFetch>(async () => Response.json(token))
    const transport = createTransport({ api_endpoint: 'https://bj1.test', fetch, concurrency: 1 })
    const failing = async () => Promise.reject(new Error('it failed'))
    const headers = async () => Promise.reject(new Error('it failed'))
    const authorization = authorizeCall({ headers, renew: async () => false })
    const request = {
      endpoint: 'api',
      format: 'json',
      path: '/user/get',
      params: {},
      read: () => null,
    } as const
    const failed = [
      requestToken(transport, { ...spendable, params: failing }),
      send(transport, { signal: AbortSignal.abort() }),
      transport.post({ ...request, authorization }),
      transport.post({ ...request, read: () => expect.fail('not read') }),
    ]
    await Promise.all(failed.map(failure))
    await send(transport)
    await transport.post(request)
    expect(fetch).toHaveBeenCalledTimes(3)
  })

  it('counts a token call apart from the API call that waits for its token', async () => {
    const { api_endpoint } = await serve(ok)
    const transport = createTransport({ api_endpoint, concurrency: 1 })
    const authorization = authorizeCall({
      headers: async () => ({ authorization: `Bearer ${(await send(transport)).access_token}` }),
      renew: async () => false,
    })
    const request = {
      endpoint: 'api',
      format: 'json',
      path: '/user/get',
      params: {},
      read: () => 'read',
    } as const
    const calls = [1, 2, 3].map(() => transport.post({ ...request, authorization }))
    expect(await Promise.all(calls)).toEqual(['read', 'read', 'read'])
  })

  it('ends the wait of a call when its signal is aborted', async () => {
    const { fetch, paths, respond } = deferredFetch()
    const transport = createTransport({ api_endpoint: 'https://bj1.test', fetch, concurrency: 1 })
    const first = send(transport)
    const controller = new AbortController()
    const second = failure(send(transport, { signal: controller.signal }))
    const third = send(transport)
    await settled()
    controller.abort(new Error('canary'))
    expect(await second).toMatchObject({ code: 'Aborted', outcome: 'not-sent' })
    respond()
    await settled()
    respond()
    await Promise.all([first, third])
    expect(paths).toHaveLength(2)
  })
})

describe('the time of a call that waits', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    return () => vi.useRealTimers()
  })

  const create = (config: Partial<PDSTransportConfig> = {}) => {
    const deferred = deferredFetch()
    const { fetch } = deferred
    return {
      ...deferred,
      transport: createTransport({ api_endpoint: 'https://bj1.test', fetch, clock, ...config }),
    }
  }
  const now = Date.parse('2026-01-02T03:04:05Z')
  const clock = () => now
  const throttled = { 'retry-after': '10' }

  it('for its turn does not count towards timeout and totalTimeout', async () => {
    const { transport, respond, paths } = create({ concurrency: 1 })
    const first = send(transport, { timeout: 0, totalTimeout: 0 })
    const second = send(transport, { timeout: 1000, totalTimeout: 1000 })
    await settled()
    await vi.advanceTimersByTimeAsync(3_600_000)
    respond()
    await settled()
    expect(paths).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(999)
    respond()
    await Promise.all([first, second])
  })

  it('does not start the timeout of the request before its signature is complete', async () => {
    const { transport, respond } = create()
    let sign: (params: object) => void = () => undefined
    const params = () => new Promise<Record<string, string>>((resolve) => (sign = resolve as typeof sign))
    const call = requestToken(transport, { ...spendable, params }, { timeout: 1000 })
    await settled()
    await vi.advanceTimersByTimeAsync(900)
    sign({ assertion: 'canary-assertion' })
    await settled()
    await vi.advanceTimersByTimeAsync(900)
    respond()
    await call
  })

  it('ends with the pause of its endpoint, and other endpoints are not paused', async () => {
    const { transport, respond, paths } = create()
    const first = send(transport)
    await settled()
    respond(429, throttled)
    await settled()
    const second = send(transport)
    const other = send(transport, {}, '/account/token')
    await settled()
    expect(paths).toEqual(['/v2/oauth/token', '/v2/account/token'])
    respond()
    await other
    await vi.advanceTimersByTimeAsync(9999)
    await settled()
    expect(paths).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(1)
    await settled()
    // One at a time, the retry first.
    expect(paths).toHaveLength(3)
    respond()
    await first
    await settled()
    respond()
    await second
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([
    ['429', 429],
    ['503', 503],
  ])('fails at once after status %s if its time is shorter than the pause', async (_what, status) => {
    const { transport, respond, paths } = create()
    const queued = create({ concurrency: 1 })
    const errors = [failure(send(transport, { totalTimeout: 9000 }))]
    await settled()
    respond(status, throttled)
    const error = await errors[0]
    expect(error).toMatchObject({ status, outcome: 'responded', retryAt: now + 10_000 })
    expect(JSON.parse(JSON.stringify(error)).retryAt).toBe(now + 10_000)
    // A call that comes later.
    expect(await failure(send(transport, { totalTimeout: 9000 }))).toMatchObject({
      code: 'Throttled',
      type: 'ClientError',
      outcome: 'not-sent',
      retryAt: now + 10_000,
      message:
        'https://bj1.test asked to wait until 2026-01-02T03:04:15.000Z, which exceeds totalTimeout: try again then',
    })
    expect(paths).toHaveLength(1)

    // A call that waits for its turn already.
    const first = failure(send(queued.transport, { totalTimeout: 9000 }))
    const second = failure(send(queued.transport, { totalTimeout: 9000 }))
    const third = send(queued.transport)
    await settled()
    queued.respond(status, throttled)
    expect(await first).toMatchObject({ status })
    expect(await second).toMatchObject({ code: 'Throttled', outcome: 'not-sent' })
    await vi.advanceTimersByTimeAsync(10_000)
    await settled()
    queued.respond()
    await third
    expect(queued.paths).toHaveLength(2)
  })

  it('is not extended by status 503 without Retry-After', async () => {
    const { transport, respond, paths } = create({ retryCount: 0 })
    const first = failure(send(transport))
    await settled()
    respond(503)
    expect(await first).not.toHaveProperty('retryAt')
    const second = send(transport)
    await settled()
    expect(paths).toHaveLength(2)
    respond()
    await second
  })

  it('is at most an hour, whatever Retry-After says', async () => {
    const { transport, respond, paths } = create({ totalTimeout: 0, retryCount: 0 })
    const first = failure(send(transport))
    await settled()
    respond(429, { 'retry-after': '99999999' })
    await first
    const second = send(transport)
    await vi.advanceTimersByTimeAsync(3_600_000)
    await settled()
    expect(paths).toHaveLength(2)
    respond()
    await second
  })

  it('sets no timer that keeps a process alive after its signal was aborted', async () => {
    const { transport, respond } = create({ retryCount: 0 })
    const first = failure(send(transport))
    await settled()
    respond(429, throttled)
    await first
    const controller = new AbortController()
    const second = failure(send(transport, { signal: controller.signal }))
    await settled()
    expect(vi.getTimerCount()).toBe(1)
    controller.abort()
    expect(await second).toMatchObject({ code: 'Aborted', outcome: 'not-sent' })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not count towards retryCount after status 429 with Retry-After, until totalTimeout', async () => {
    const { transport, respond, paths } = create({ retryCount: 1 })
    const call = failure(send(transport))
    for (let attempt = 0; attempt < 6; attempt++) {
      await settled()
      respond(429, throttled)
      await settled()
      await vi.advanceTimersByTimeAsync(10_000)
    }
    expect(await call).toMatchObject({ status: 429, outcome: 'responded' })
    expect(paths).toHaveLength(6)
  })

  it('fails at once after status 429 with a retryCount of 0', async () => {
    const { transport, respond, paths } = create()
    const call = failure(send(transport, { retryCount: 0 }))
    await settled()
    respond(429, throttled)
    expect(await call).toMatchObject({ status: 429, retryAt: now + 10_000 })
    expect(paths).toHaveLength(1)
  })
})

describe('a service that takes 20 requests at a time', () => {
  afterEach(() => vi.restoreAllMocks())

  /** Starts a server that says 429 if more than 20 requests are under way. */
  async function serveTwenty() {
    const counts = { requests: 0, rejected: 0 }
    let active = 0
    const server = createServer((request, response) => {
      counts.requests++
      const isFull = ++active > 20
      request.resume().on('end', () =>
        setImmediate(() => {
          active--
          if (isFull) counts.rejected++
          response.writeHead(isFull ? 429 : 200).end(JSON.stringify(isFull ? {} : ok.body))
        }),
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    return { counts, api_endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
  }

  it('serves 1,000 callers with few rejected requests', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const { counts, api_endpoint } = await serveTwenty()
    const transport = createTransport({ api_endpoint })
    const results = await Promise.all(Array.from({ length: 1000 }, () => send(transport)))
    expect(results).toHaveLength(1000)
    expect(counts.requests).toBe(1000 + counts.rejected)
    expect(counts.rejected).toBeLessThan(200)
  })
})
