import type { RequestListener } from 'node:http'
import { createTransport, type IPDSRequestConfig, type PDSFetch, type PDSTransport } from '@pds/core'
import { requestToken } from '@pds/core/internal'
import { describe, expect, it } from 'vitest'
import { call, failure, ok, serve, spendable, token } from '../test/scripted-server.test-helper.ts'

describe('a request', () => {
  it('is a form or JSON, without undefined parameters', async () => {
    const { received, api_endpoint } = await serve(ok)
    const transport = createTransport({ api_endpoint: `${api_endpoint}/`, version: 'v9' })
    const params = { a: 'x y&z', b: undefined, c: '中' }
    await requestToken(transport, { path: '/form', format: 'form', params })
    await requestToken(transport, { path: '/json', format: 'json', params })
    expect(received.map(({ url, headers, body }) => [url, headers['content-type'], body])).toEqual([
      ['/v9/form', 'application/x-www-form-urlencoded', 'a=x+y%26z&c=%E4%B8%AD'],
      ['/v9/json', 'application/json', '{"a":"x y&z","c":"中"}'],
    ])
  })

  it('has the headers of the call, except the content type', async () => {
    const { received, api_endpoint } = await serve(ok)
    await call(api_endpoint, { headers: { 'X-One': '1', 'Content-Type': 'text/plain', 'x-not': undefined } })
    await call(api_endpoint, { headers: new Headers({ accept: 'text/plain' }) })
    expect(received[0]?.headers).toMatchObject({ 'x-one': '1', accept: 'application/json' })
    expect(received[0]?.headers).toHaveProperty('content-type', 'application/x-www-form-urlencoded')
    expect(received[0]?.headers).not.toHaveProperty('x-not')
    expect(received[1]?.headers.accept).toBe('text/plain')
  })

  it('does not share the headers of a call with later calls', async () => {
    const { received, api_endpoint } = await serve(ok)
    const transport = createTransport({ api_endpoint })
    const request = { ...spendable, format: 'json' } as const
    await requestToken(transport, request, { headers: { 'x-one': '1' } })
    await requestToken(transport, request)
    expect(received.map(({ headers }) => [headers['content-type'], headers['x-one']])).toEqual([
      ['application/json', '1'],
      ['application/json', undefined],
    ])
  })

  it('accepts headers of another realm', async () => {
    const { received, api_endpoint } = await serve(ok)
    // Headers of a polyfill or of another copy of fetch are not an instance of this realm's Headers.
    const foreign = { [Symbol.iterator]: () => new Map([['x-one', '1']]).entries() }
    await call(api_endpoint, { headers: foreign as unknown as Headers })
    expect(received[0]?.headers).toHaveProperty('x-one', '1')
  })

  it('goes to the auth endpoint through the custom fetch', async () => {
    const { received, api_endpoint } = await serve(ok)
    const seen: string[] = []
    const customFetch: PDSFetch = (url, init) => {
      seen.push(url)
      return fetch(url, init)
    }
    await call('https://elsewhere.test', {}, { auth_endpoint: api_endpoint, fetch: customFetch })
    expect([received.length, seen]).toEqual([1, [`${api_endpoint}/v2/oauth/token`]])
  })

  it('returns the token or the whole response', async () => {
    const { api_endpoint } = await serve({ ...ok, headers: { 'x-ca-request-id': 'R1' } })
    const expected = { ...token, expire_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) }
    expect(await call(api_endpoint, { returnResponse: false })).toEqual(expected)
    const transport = createTransport({ api_endpoint })
    expect(await requestToken(transport, spendable, { returnResponse: true })).toEqual({
      data: expected,
      status: 200,
      statusText: 'OK',
      headers: expect.objectContaining({ 'x-ca-request-id': 'R1' }),
    })
  })

  it('counts the lifetime from the time of the request by the clock of the server', async () => {
    let local = Date.parse('2026-01-02T03:00:00.400Z')
    const { api_endpoint } = await serve((_request, response) => {
      local += 10_000
      response.writeHead(200, { date: 'Fri, 02 Jan 2026 06:00:05 GMT' }).end(JSON.stringify(token))
    })
    // The response arrives after 10 s. In the middle of them, the server's clock was 3 hours ahead.
    const { expire_time } = await call(api_endpoint, {}, { clock: () => local })
    expect(expire_time).toBe('2026-01-02T08:00:00Z')
  })
})

describe('params that are not an object', () => {
  it.each([null, 'text', 7])('are sent as JSON: %j', async (params) => {
    const { received, api_endpoint } = await serve(ok)
    const request = {
      endpoint: 'api',
      path: '/x',
      format: 'json',
      params: params as never,
      read: () => 1,
    } as const
    expect(await createTransport({ api_endpoint }).post(request)).toBe(1)
    expect(received.map(({ body }) => body)).toEqual([JSON.stringify(params)])
  })
})

describe('the options of a call', () => {
  it.each([
    [7, 'options must be a plain object (received a number)'],
    [
      { timeout: '1' },
      'options.timeout must be a number of milliseconds from 0 (no limit) to 2147483647 (received a string)',
    ],
    [
      { timeout: -1 },
      'options.timeout must be a number of milliseconds from 0 (no limit) to 2147483647 (received -1)',
    ],
    [{ retryCount: 0.5 }, 'options.retryCount must be a non-negative integer (received 0.5)'],
    [{ signal: {} }, 'options.signal must be an AbortSignal (received an object)'],
    [{ returnResponse: 1 }, 'options.returnResponse must be true or false (received 1)'],
    [{ headers: 'x' }, 'options.headers must be a plain object or Headers (received a string)'],
    [{ headers: { cookie: 'canary\n' } }, undefined],
    [
      { headers: { cookie: 'canary\u0000' } },
      'options.headers contains a header with an invalid name or value: "cookie"',
    ],
    [{ headers: { Host: 'canary.test' } }, 'options.headers must not contain Host: fetch sets it'],
    [
      { headers: { 'transfer-encoding': 'chunked' } },
      'options.headers must not contain transfer-encoding: fetch sets it',
    ],
    [
      { headers: { cookie: { canary: 1 } } },
      'options.headers.cookie must be a string, a number or a boolean (received an object)',
    ],
    [
      { params: { ids: ['canary'] } },
      'options.params.ids must be a string, a number or a boolean (received an array)',
    ],
    [
      { params: new Date(0) },
      'options.params must be a plain object or URLSearchParams (received an object)',
    ],
    [
      { params: new Set(['canary']) },
      'options.params must be a plain object or URLSearchParams (received an object)',
    ],
    [
      { httpsAgent: { canary: 1 } },
      "options.httpsAgent is not supported: configure it in the transport's fetch",
    ],
    [{ timeOut: 1 }, 'options.timeOut is not supported: did you mean timeout?'],
    [{ retry_count: 1 }, 'options.retry_count is not supported: did you mean retryCount?'],
    [
      { retries: 1 },
      'options.retries is not supported: the names are headers, params, timeout, totalTimeout, signal, retryCount, retryUnknown, returnResponse, hooks, callId, maxContentLength, maxRedirects, credentials, keepalive',
    ],
  ])('are checked: %j', async (options, message) => {
    const { received, api_endpoint } = await serve(ok)
    const result = call(api_endpoint, options as IPDSRequestConfig)
    if (message === undefined) return expect(result).resolves.toBeDefined()
    expect(await failure(result)).toMatchObject({
      code: 'InvalidParameter',
      outcome: 'not-sent',
      message: `post: ${message}`,
    })
    expect(received).toEqual([])
  })
})

describe('an error response', () => {
  const requestId = { 'x-ca-request-id': 'R1' }

  it.each([
    [
      'of the service',
      {
        status: 400,
        body: { code: 'InvalidParameter.RefreshToken', message: 'not valid. ', requestId: null },
      },
      'not valid. [status: 400] [code: InvalidParameter.RefreshToken] [reqId: R1]',
    ],
    [
      'with capitalized keys',
      { status: 403, body: { Code: 'ForbiddenX', Message: 'no', RequestId: 'R2' } },
      'no [status: 403] [code: ForbiddenX] [reqId: R2]',
    ],
    [
      'of the gateway',
      { status: 404, body: '', headers: { 'x-ca-error-code': 'I404NF', 'x-ca-error-message': 'no API' } },
      'no API [status: 404] [code: I404NF] [reqId: R1]',
    ],
    [
      'of another format than JSON',
      { status: 400, body: 'canary code/+' },
      'the endpoint responded with status 400 and no documented error [status: 400] [code: InvalidResponse] [reqId: R1]',
    ],
    [
      'with a JSON array',
      { status: 418, body: '[1]' },
      'the endpoint responded with status 418 and no documented error [status: 418] [code: InvalidResponse] [reqId: R1]',
    ],
    [
      'of a redirect',
      { status: 307, body: '', headers: { location: 'http://127.0.0.1:1/canary' } },
      'the endpoint responded with a redirect, which is never followed [status: 307] [code: InvalidResponse] [reqId: R1]',
    ],
    [
      'that echoes the request',
      {
        status: 400,
        body: { code: 'Bad', message: 'code canary code/+ and canary%20code%2F%2B and canary+code%2F%2B' },
      },
      '*** [status: 400] [code: Bad] [reqId: R1]',
    ],
  ])('%s is reported', async (_what, scripted, message) => {
    const { received, api_endpoint } = await serve({
      ...scripted,
      headers: { ...requestId, 'set-cookie': 'canary', ...(scripted as { headers?: object }).headers },
    })
    const error = await failure(call(api_endpoint))
    expect(error).toMatchObject({
      message,
      type: 'ServerError',
      outcome: scripted.status === 307 ? 'unknown' : 'responded',
      status: scripted.status,
      request: { method: 'POST', url: `${api_endpoint}/v2/oauth/token` },
    })
    expect(received).toHaveLength(1)
  })

  it.each([
    ['not JSON', 'canary', 'the response is not JSON'],
    ['truncated', '{"access_token":"canary', 'the response is not JSON'],
    ['empty', '', 'the response is not a token: it has no access_token'],
    ['not a token', { refresh_token: 'canary' }, 'the response is not a token: it has no access_token'],
  ])('may also be a response with status 200 that is %s', async (_what, body, message) => {
    const { api_endpoint } = await serve({ status: 200, body, headers: requestId })
    expect(await failure(call(api_endpoint))).toMatchObject({
      code: 'InvalidResponse',
      message: `${message} [status: 200] [code: InvalidResponse] [reqId: R1]`,
      outcome: 'unknown',
    })
  })
})

describe('a call fails', () => {
  const silent: RequestListener = () => undefined
  const halfResponse: RequestListener = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"access_token":"canary')
  }

  it.each([
    ['no response', silent],
    ['half a response', halfResponse],
  ])('after its timeout with %s', async (_what, scripted) => {
    const { api_endpoint } = await serve(scripted)
    expect(await failure(call(api_endpoint, { timeout: 50 }))).toMatchObject({
      code: 'Timeout',
      outcome: 'unknown',
      message: `no response from ${api_endpoint} within 50 ms (option timeout)`,
    })
  })

  it('never by a timeout of 0', async () => {
    const { api_endpoint } = await serve((_request, response) => {
      setImmediate(() => response.end(JSON.stringify(token)))
    })
    await expect(call(api_endpoint, { timeout: 0 }, { timeout: 1 })).resolves.toBeDefined()
  })

  it('before anything is sent if its signal is aborted', async () => {
    const { received, api_endpoint } = await serve(ok)
    const error = await failure(call(api_endpoint, { signal: AbortSignal.abort('canary') }))
    expect(error).toMatchObject({ code: 'Aborted', outcome: 'not-sent' })
    expect(received).toEqual([])
  })

  it.each([
    ['before the response', silent],
    ['during the response', halfResponse],
  ])('if its signal is aborted %s', async (_what, scripted) => {
    const controller = new AbortController()
    const { api_endpoint } = await serve((request, response) => {
      scripted(request, response)
      setImmediate(() => controller.abort(new Error('canary')))
    })
    const error = await failure(call(api_endpoint, { signal: controller.signal, timeout: 0 }))
    expect(error).toMatchObject({ code: 'Aborted', outcome: 'unknown' })
  })

  it('if its signal is aborted between two attempts', async () => {
    const controller = new AbortController()
    let attempts = 0
    const throttled: typeof fetch = async () => {
      attempts++
      // The delay has started by then, because only promises settle before it.
      setImmediate(() => controller.abort())
      return new Response(null, { status: 429, headers: { 'retry-after': '30' } })
    }
    const error = await failure(call('https://bj1.test', { signal: controller.signal }, { fetch: throttled }))
    expect(error).toMatchObject({ code: 'Aborted', outcome: 'responded' })
    expect(attempts).toBe(1)
  })

  it('with nothing sent if its signal is aborted while the parameters are created', async () => {
    const controller = new AbortController()
    const { received, api_endpoint } = await serve(ok)
    const params = async () => {
      controller.abort()
      return {}
    }
    const request = { path: '/oauth/token', format: 'form', params } as const
    const promise = requestToken(createTransport({ api_endpoint }), request, { signal: controller.signal })
    expect(await failure(promise)).toMatchObject({ code: 'Aborted', outcome: 'not-sent' })
    expect(received).toEqual([])
  })

  it('with a PDSError whatever fetch throws', async () => {
    const transport = (reason: unknown): PDSTransport =>
      createTransport({ api_endpoint: 'https://bj1.test', fetch: () => Promise.reject(reason) })
    for (const [reason, shown] of [
      [new RangeError('it failed'), 'RangeError: it failed'],
      ['canary', 'string'],
    ] as const) {
      const error = await failure(requestToken(transport(reason), spendable))
      expect(error.message).toBe(`the connection to https://bj1.test failed (${shown})`)
      expect(error).toMatchObject({ code: 'NetworkError', outcome: 'unknown' })
    }
  })
})
