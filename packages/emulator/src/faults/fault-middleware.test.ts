import { type Fault, type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createEmulatorBeforeEach,
  emulator as domain,
  getJwtToken,
  getUser,
  refreshJwt,
} from '../test/emulator-requests.test-helper.ts'

/* Faults as a client sees them. Faults of the connection itself are tested over HTTP. */

describe('over HTTP', () => {
  let emulator: RunningEmulator

  beforeEach(async () => {
    emulator = await startEmulator()
  })

  afterEach(() => emulator.close())

  const send = (init: RequestInit = {}) =>
    fetch(`${emulator.api_endpoint}/v2/user/get`, { method: 'POST', redirect: 'manual', ...init })

  it.each([
    ['service', { code: 'C', message: 'a < b', requestId: null }],
    ['capital', { Code: 'C', Message: 'a < b', RequestId: expect.stringMatching(/^[0-9A-F-]{36}$/) }],
  ] as const)('a status has a JSON error in the shape %s', async (body, expected) => {
    emulator.injectFault({
      type: 'status',
      status: 418,
      body,
      code: 'C',
      message: 'a < b',
      headers: { 'x-a': 'b' },
    })
    const response = await send()
    expect(response.status).toBe(418)
    expect(response.headers.get('x-a')).toBe('b')
    expect(await response.json()).toEqual(expected)
  })

  it.each([
    ['html', '<html><body><h1>a &lt; b</h1></body></html>', 'text/html; charset=utf-8'],
    [
      'xml',
      /^<\?xml .*\n<Error><Code>C<\/Code><Message>a &lt; b<\/Message><RequestId>[0-9A-F-]{36}</,
      'application/xml',
    ],
    ['gateway', '', null],
    ['empty', '', null],
  ] as const)('a status has an error in the shape %s', async (body, expected, type) => {
    emulator.injectFault({ type: 'status', status: 504, body, code: 'C', message: 'a < b' })
    const response = await send()
    const gateway = ['x-ca-error-code', 'x-ca-error-message'].map((name) => response.headers.get(name))
    expect(gateway).toEqual(body === 'gateway' ? ['C', 'a%20%3C%20b'] : [null, null])
    expect(response.headers.get('content-type')).toBe(type)
    expect(await response.text()).toMatch(expected)
  })

  it.each([204, 205, 304])('status %i has no body', async (status) => {
    emulator.injectFault({ type: 'status', status })
    const response = await send()
    expect([response.status, await response.text()]).toEqual([status, ''])
  })

  it.each([
    [401, 'AccessTokenInvalid'],
    [403, 'Forbidden'],
    [404, 'NotFound'],
    [500, 'InternalError'],
    [504, 'D504TO'],
    [400, 'InvalidParameter'],
  ])('status %i has a documented code by default', async (status, code) => {
    emulator.injectFault({ type: 'status', status })
    expect(await (await send()).json()).toMatchObject({ code })
  })

  it.each([
    [undefined, null],
    [3, '3'],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 'Wed, 21 Oct 2026 07:28:00 GMT'],
  ])('throttling has Retry-After %s', async (retryAfter, header) => {
    emulator.injectFault({ type: 'throttle', ...(retryAfter !== undefined && { retryAfter }) })
    const response = await send()
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, header])
  })

  it('a redirect leads to another URL', async () => {
    emulator.injectFault({ type: 'redirect', location: 'https://elsewhere.test/x' })
    const response = await send()
    expect([response.status, response.headers.get('location')]).toEqual([307, 'https://elsewhere.test/x'])
  })

  it('an HTML page has status 200', async () => {
    emulator.injectFault({ type: 'html' })
    const response = await send()
    expect([response.status, await response.text()]).toEqual([200, expect.stringMatching(/^<html>/)])
  })

  it('a connection is dropped', async () => {
    emulator.injectFault({ type: 'drop' })
    await expect(send()).rejects.toMatchObject({ message: 'fetch failed', cause: { code: 'UND_ERR_SOCKET' } })
    expect(emulator.requests.at(-1)).toMatchObject({ fault: 'drop', status: 0, response: undefined })
    expect((await send()).status).toBe(401)
  })

  it('a body is cut off in the middle', async () => {
    emulator.injectFault({ type: 'truncate' })
    const response = await send()
    const length = Number(response.headers.get('content-length'))
    let received = 0
    const read = async () => {
      for await (const bytes of response.body ?? []) received += bytes.length
    }
    await expect(read()).rejects.toThrow('terminated')
    expect(received).toBe(Math.ceil(length / 2))
  })

  it('a body is shorter than its Content-Length', async () => {
    emulator.injectFault({ type: 'wrong-length', by: 5 })
    await expect((await send()).text()).rejects.toThrow('terminated')
  })

  it('a body is longer than its Content-Length', async () => {
    emulator.injectFault({ type: 'wrong-length', by: -5 })
    expect(await (await send()).text()).toMatch(/"requestId":$/)
  })

  it('a body arrives byte by byte', async () => {
    emulator.injectFault({ type: 'drip', milliseconds: 0 })
    let pieces = 0
    const response = await send()
    for await (const _bytes of response.body ?? []) pieces++
    expect(pieces).toBeGreaterThan(10)
    expect(emulator.requests.at(-1)).toMatchObject({ fault: 'drip', status: 401 })
  })

  it.each([-1, 1].map((sign) => sign * 10 * 365 * 86_400_000))(
    'a response has the time of a clock that is wrong by %i ms',
    async (skew) => {
      emulator.injectFault({ type: 'date', skew })
      const date = Date.parse((await send()).headers.get('date') ?? '')
      expect(Math.abs(date - emulator.clock.now() - skew)).toBeLessThan(60_000)
    },
  )

  it.each([
    { type: 'delay', milliseconds: 0 },
    { type: 'delay', milliseconds: 0, when: 'after' },
  ] as const)('a late response is the real response: %o', async (fault) => {
    emulator.injectFault(fault)
    expect((await send()).status).toBe(401)
    expect(emulator.requests.at(-1)).toMatchObject({ fault: 'delay', status: 401 })
  })

  it.each<Fault>([
    { type: 'delay', milliseconds: 2 ** 31 - 1 },
    { type: 'delay', milliseconds: 2 ** 31 - 1, when: 'after' },
    { type: 'drip', milliseconds: 2 ** 31 - 1 },
  ])('an abort ends the fault: %o', async (fault) => {
    emulator.injectFault(fault)
    const controller = new AbortController()
    const aborted = send({ signal: controller.signal }).then((response) => response.text())
    while (emulator.faults.length > 0) await new Promise(setImmediate)
    controller.abort()
    await expect(aborted).rejects.toThrow('aborted')
    // The server closes only after its last request has ended.
    await emulator.close()
    emulator = await startEmulator()
  })
})

describe('in the same process', () => {
  createEmulatorBeforeEach()
  const path = '/v2/account/token'
  const timings = ['before', 'after'] as const

  it.each(
    timings.flatMap((when): Fault[] => [
      { type: 'status', status: 500, when },
      { type: 'redirect', location: 'https://elsewhere.test', when },
      { type: 'html', when },
      { type: 'drop', when },
    ]),
  )('a refresh token is spent only by a fault after the request: %o', async (fault) => {
    const { body } = await getJwtToken()
    domain.injectFault({ ...fault, path })
    const faulty = refreshJwt(body.refresh_token)
    if (fault.type === 'drop') await expect(faulty).rejects.toThrow(new TypeError('fetch failed'))
    else await faulty.catch((error: unknown) => expect(error).toBeInstanceOf(SyntaxError))
    const isSpent = 'when' in fault && fault.when === 'after'
    expect((await refreshJwt(body.refresh_token)).status).toBe(isSpent ? 400 : 200)
    expect(domain.requests.at(-2)).toMatchObject({ path, fault: fault.type })
  })

  it('a request that is aborted in a delay is carried out only before an "after" delay', async () => {
    for (const when of timings) {
      const { body } = await getJwtToken()
      domain.injectFault({ type: 'delay', milliseconds: 2 ** 31 - 1, when, path })
      const controller = new AbortController()
      const aborted = domain.fetch(`http://domain.test${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          app_id: 'jwt-app',
          refresh_token: body.refresh_token,
          grant_type: 'refresh_token',
        }),
        signal: controller.signal,
      })
      while (domain.faults.length > 0) await new Promise(setImmediate)
      // Waits until the request is carried out, which invalidates the old access token.
      while (when === 'after' && (await getUser(body.access_token)).status === 200)
        await new Promise(setImmediate)
      controller.abort(new Error('enough'))
      await expect(aborted).rejects.toThrow('enough')
      expect((await refreshJwt(body.refresh_token)).status).toBe(when === 'after' ? 400 : 200)
    }
  })

  it('faults apply to their path, for the given number of times, in the order of injection', async () => {
    domain.injectFault({ type: 'status', status: 500, path, times: 2 })
    domain.injectFault({ type: 'status', status: 502 })
    domain.injectFault({ type: 'status', status: 503, path })
    expect(domain.faults).toEqual([
      { type: 'status', status: 500, path, times: 2 },
      { type: 'status', status: 502, times: 1 },
      { type: 'status', status: 503, path, times: 1 },
    ])
    expect((await refreshJwt('r')).status).toBe(500)
    expect((await getJwtToken()).status).toBe(502)
    expect(domain.faults).toHaveLength(2)
    expect((await refreshJwt('r')).status).toBe(500)
    expect((await refreshJwt('r')).status).toBe(503)
    expect((await refreshJwt('r')).status).toBe(400)
    expect(domain.requests.map(({ fault }) => fault)).toEqual([
      'status',
      'status',
      'status',
      'status',
      undefined,
    ])
  })

  it('a preflight request uses up no fault', async () => {
    domain.injectFault({ type: 'drop' })
    const preflight = { origin: 'http://localhost:5173', 'access-control-request-method': 'POST' }
    const response = await domain.fetch(`http://domain.test${path}`, {
      method: 'OPTIONS',
      headers: preflight,
    })
    expect(response.status).toBe(204)
    await expect(refreshJwt('r')).rejects.toThrow('fetch failed')
  })

  it('clearFaults removes all faults', async () => {
    domain.injectFault({ type: 'drop', times: 5 })
    domain.clearFaults()
    expect(domain.faults).toEqual([])
    expect((await refreshJwt('r')).status).toBe(400)
  })

  it('a body that is cut off fails with the error of fetch', async () => {
    domain.injectFault({ type: 'truncate' })
    const response = await domain.fetch(new URL('http://domain.test/v2/user/get'), { method: 'POST' })
    await expect(response.text()).rejects.toThrow(new TypeError('terminated'))
  })
})
