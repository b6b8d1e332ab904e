import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createTransport, type PDSFetch, type PDSHooks, type PDSRequestMessage } from '@pds/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { call, failure, ok, serve } from '../test/scripted-server.test-helper.ts'

let stop = () => {}

/** Subscribes to the channel. Returns its messages, also those that follow. */
function observe(receive: (message: PDSRequestMessage) => void = () => undefined): PDSRequestMessage[] {
  const messages: PDSRequestMessage[] = []
  const listener = (message: unknown) => {
    messages.push(message as PDSRequestMessage)
    receive(message as PDSRequestMessage)
  }
  subscribe('pds:request', listener)
  stop = () => unsubscribe('pds:request', listener)
  return messages
}

beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
})

afterEach(() => {
  stop()
  vi.restoreAllMocks()
})

const reqId = '0BF4A6C1-7A2B-5C3D-8E4F-1A2B3C4D5E6F'
const okWithId = { ...ok, headers: { 'x-ca-request-id': reqId } }
const busy = { status: 503, body: { code: 'ServiceUnavailable', message: 'later', requestId: reqId } }
const time = expect.any(Number)

describe('the channel pds:request', () => {
  it('has the start, each retry and the end of a call', async () => {
    const { api_endpoint } = await serve(busy, okWithId)
    const messages = observe()
    await call(api_endpoint)
    const { callId } = messages[0] ?? {}
    expect(callId).toMatch(/^[\da-f]{8}-\d+$/)
    const base = { callId, method: 'post', url: `${api_endpoint}/v2/oauth/token` }
    expect(messages).toEqual([
      { type: 'start', ...base },
      {
        type: 'retry',
        ...base,
        attempt: 1,
        delay: 0,
        duration: time,
        code: 'ServiceUnavailable',
        message: `later [status: 503] [code: ServiceUnavailable] [reqId: ${reqId}]`,
        outcome: 'responded',
        status: 503,
        reqId,
      },
      { type: 'end', ...base, attempts: 2, duration: time, status: 200, reqId },
    ])
  })

  it('has the failure of a call', async () => {
    const { api_endpoint } = await serve(busy, { status: 400, body: { code: 'Spent', message: 'no' } })
    const messages = observe()
    await failure(call(api_endpoint))
    expect(messages.map(({ type }) => type)).toEqual(['start', 'retry', 'error'])
    expect(messages[2]).toEqual({
      type: 'error',
      callId: messages[0]?.callId,
      method: 'post',
      url: `${api_endpoint}/v2/oauth/token`,
      attempts: 2,
      duration: time,
      code: 'Spent',
      message: 'no [status: 400] [code: Spent]',
      outcome: 'responded',
      status: 400,
      reqId: undefined,
    })
  })

  it('has the failure of a call that sent nothing', async () => {
    const messages = observe()
    await failure(call('https://bj1.test', { signal: AbortSignal.abort() }))
    expect(messages).toMatchObject([
      { type: 'start' },
      { type: 'error', attempts: 0, code: 'Aborted', outcome: 'not-sent', status: undefined },
    ])
  })

  it('has no message of a call with invalid options', async () => {
    const messages = observe()
    await failure(call('https://bj1.test', { timeout: -1 }))
    expect(messages).toEqual([])
  })

  it('has the start of a call that waits for a slot', async () => {
    let respond = () => {}
    const { received, api_endpoint } = await serve((_request, response) => {
      respond = () => response.end(JSON.stringify(ok.body))
    }, ok)
    const transport = createTransport({ api_endpoint, concurrency: 1 })
    const request = { endpoint: 'api', path: '/a', format: 'json', params: {}, read: () => null } as const
    const first = transport.post(request)
    const messages = observe()
    const second = transport.post({ ...request, method: 'listFiles' })
    expect(messages).toMatchObject([{ type: 'start', method: 'listFiles' }])
    await expect.poll(() => received.length).toBe(1)
    respond()
    await Promise.all([first, second])
    // Only of the call that started after the subscription.
    expect(messages.map(({ type, method }) => [type, method])).toEqual([
      ['start', 'listFiles'],
      ['end', 'listFiles'],
    ])
  })

  it('has the id that hooks receive, and the one of the options', async () => {
    const { api_endpoint } = await serve(busy, okWithId)
    const ids: string[] = []
    const hooks: PDSHooks = {
      beforeRequest: ({ callId }) => void ids.push(callId),
      beforeRetry: ({ callId }) => void ids.push(callId),
    }
    const messages = observe()
    await call(api_endpoint, { hooks })
    await call(api_endpoint, { hooks, callId: 'order-17' })
    const [first] = ids
    expect(ids).toEqual([first, first, first, 'order-17'])
    expect(messages.map(({ callId }) => callId)).toEqual([first, first, first, 'order-17', 'order-17'])
  })

  it('has the time since the start of the call, in milliseconds', async () => {
    let now = 5000
    vi.spyOn(performance, 'now').mockImplementation(() => now)
    const { api_endpoint } = await serve((_request, response) => {
      now += 250
      response.end(JSON.stringify(ok.body))
    })
    const messages = observe()
    await call(api_endpoint)
    expect(messages[1]).toMatchObject({ type: 'end', duration: 250 })
  })

  it('has no secrets', async () => {
    const echo = 'canary code/+ canary-in-query canary-access-token'
    const { api_endpoint } = await serve(
      { ...busy, headers: { 'x-ca-request-id': echo } },
      { status: 400, body: { code: echo, message: echo, requestId: echo } },
    )
    const messages = observe()
    const transport = createTransport({ api_endpoint })
    const request = {
      endpoint: 'api',
      path: '/canary-in-query/canary-body-token/a',
      format: 'json',
      params: { code: 'canary code/+', nested: [{ token: 'canary-body-token' }] },
      read: () => null,
    } as const
    const headers = { authorization: 'Bearer canary-access-token' }
    await failure(transport.post(request, { headers, params: { access_token: 'canary-in-query' } }))
    expect(messages.map(({ type }) => type)).toEqual(['start', 'retry', 'error'])
    expect(JSON.stringify(messages)).not.toMatch(/canary/)
    expect(messages[0]?.url).toBe(`${api_endpoint}/***`)
  })

  it('does not disturb a call whose response has headers that cannot be listed', async () => {
    const { api_endpoint } = await serve(ok)
    const messages = observe()
    const send: PDSFetch = async (url, init) => {
      const response = await fetch(url, init)
      return Object.defineProperty(response, 'headers', { value: { get: () => null } }) as never
    }
    await expect(call(api_endpoint, {}, { fetch: send })).resolves.toMatchObject(ok.body)
    expect(messages).toMatchObject([{ type: 'start' }])
  })

  it('costs nothing without a subscriber', async () => {
    const { api_endpoint } = await serve(okWithId)
    let reads = 0
    const params = {
      get code() {
        reads++
        return 'a code'
      },
    }
    const transport = createTransport({ api_endpoint })
    const request = { endpoint: 'api', path: '/a', format: 'json', params, read: () => null } as const
    await transport.post(request)
    // The body alone.
    expect(reads).toBe(1)
    observe()
    await transport.post(request)
    expect(reads).toBe(3)
  })
})

describe('without diagnostics channels', () => {
  it.each([
    ['is missing', undefined],
    ['has no modules', () => undefined],
    [
      'throws',
      () => {
        throw new Error('not implemented')
      },
    ],
  ])('a call succeeds if process.getBuiltinModule %s', async (_what, getBuiltinModule) => {
    const { api_endpoint } = await serve(ok)
    const messages = observe()
    const original = process.getBuiltinModule
    vi.resetModules()
    const core = await import('@pds/core')
    try {
      Object.assign(process, { getBuiltinModule })
      const request = { endpoint: 'api', path: '/a', format: 'json', params: {}, read: () => 'read' } as const
      await expect(core.createTransport({ api_endpoint }).post(request)).resolves.toBe('read')
    } finally {
      Object.assign(process, { getBuiltinModule: original })
    }
    expect(messages).toEqual([])
  })
})
