import { type Fault, type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createEmulatorBeforeEach,
  emulator as domain,
  getJwtToken,
  getUser,
  refreshJwt,
} from '../test/emulator-requests.test-helper.ts'

/* Faults as a client sees them: over HTTP where the connection itself is what suffers. */

describe('over HTTP', () => {
  let emulator: RunningEmulator

  beforeEach(async () => {
    emulator = await startEmulator()
  })

  afterEach(() => emulator.close())

  const ask = (init: RequestInit = {}) =>
    fetch(`${emulator.api_endpoint}/v2/user/get`, { method: 'POST', redirect: 'manual', ...init })

  it.each([
    ['service', { code: 'C', message: 'a < b', requestId: null }],
    ['capital', { Code: 'C', Message: 'a < b', RequestId: expect.stringMatching(/^[0-9A-F-]{36}$/) }],
  ] as const)('a status comes with the JSON of the shape %s', async (body, expected) => {
    emulator.injectFault({
      type: 'status',
      status: 418,
      body,
      code: 'C',
      message: 'a < b',
      headers: { 'x-a': 'b' },
    })
    const response = await ask()
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
  ] as const)('a status comes with the shape %s', async (body, expected, type) => {
    emulator.injectFault({ type: 'status', status: 504, body, code: 'C', message: 'a < b' })
    const response = await ask()
    const gateway = ['x-ca-error-code', 'x-ca-error-message'].map((name) => response.headers.get(name))
    expect(gateway).toEqual(body === 'gateway' ? ['C', 'a%20%3C%20b'] : [null, null])
    expect(response.headers.get('content-type')).toBe(type)
    expect(await response.text()).toMatch(expected)
  })

  it.each([204, 205, 304])('status %i has no body', async (status) => {
    emulator.injectFault({ type: 'status', status })
    const response = await ask()
    expect([response.status, await response.text()]).toEqual([status, ''])
  })

  it.each([
    [401, 'AccessTokenInvalid'],
    [403, 'Forbidden'],
    [404, 'NotFound'],
    [500, 'InternalError'],
    [504, 'D504TO'],
    [400, 'InvalidParameter'],
  ])('status %i has the documented code by default', async (status, code) => {
    emulator.injectFault({ type: 'status', status })
    expect(await (await ask()).json()).toMatchObject({ code })
  })

  it.each([
    [undefined, null],
    [3, '3'],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 'Wed, 21 Oct 2026 07:28:00 GMT'],
  ])('throttling has Retry-After %s', async (retryAfter, header) => {
    emulator.injectFault({ type: 'throttle', ...(retryAfter !== undefined && { retryAfter }) })
    const response = await ask()
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, header])
  })

  it('a redirect leads elsewhere', async () => {
    emulator.injectFault({ type: 'redirect', location: 'https://elsewhere.test/x' })
    const response = await ask()
    expect([response.status, response.headers.get('location')]).toEqual([307, 'https://elsewhere.test/x'])
  })

  it('a page of HTML has status 200', async () => {
    emulator.injectFault({ type: 'html' })
    const response = await ask()
    expect([response.status, await response.text()]).toEqual([200, expect.stringMatching(/^<html>/)])
  })

  it('a connection is dropped', async () => {
    emulator.injectFault({ type: 'drop' })
    await expect(ask()).rejects.toMatchObject({ message: 'fetch failed', cause: { code: 'UND_ERR_SOCKET' } })
    expect(emulator.requests.at(-1)).toMatchObject({ fault: 'drop', status: 0, scripted: undefined })
    expect((await ask()).status).toBe(401)
  })

  it('a body breaks off in its middle', async () => {
    emulator.injectFault({ type: 'truncate' })
    const response = await ask()
    const length = Number(response.headers.get('content-length'))
    let received = 0
    const read = async () => {
      for await (const bytes of response.body ?? []) received += bytes.length
    }
    await expect(read()).rejects.toThrow('terminated')
    expect(received).toBe(Math.ceil(length / 2))
  })

  it('a body is shorter than its length says', async () => {
    emulator.injectFault({ type: 'wrong-length', by: 5 })
    await expect((await ask()).text()).rejects.toThrow('terminated')
  })

  it('a body is longer than its length says', async () => {
    emulator.injectFault({ type: 'wrong-length', by: -5 })
    expect(await (await ask()).text()).toMatch(/"requestId":$/)
  })

  it('a body drips', async () => {
    emulator.injectFault({ type: 'drip', milliseconds: 0 })
    let pieces = 0
    const response = await ask()
    for await (const _bytes of response.body ?? []) pieces++
    expect(pieces).toBeGreaterThan(10)
    expect(emulator.requests.at(-1)).toMatchObject({ fault: 'drip', status: 401 })
  })

  it.each([-1, 1].map((sign) => sign * 10 * 365 * 86_400_000))(
    'an answer has the time of a clock %i ms off',
    async (skew) => {
      emulator.injectFault({ type: 'date', skew })
      const date = Date.parse((await ask()).headers.get('date') ?? '')
      expect(Math.abs(date - emulator.clock.now() - skew)).toBeLessThan(60_000)
    },
  )

  it.each([
    { type: 'delay', milliseconds: 0 },
    { type: 'delay', milliseconds: 0, when: 'after' },
  ] as const)('an answer that is late is the right one: %o', async (fault) => {
    emulator.injectFault(fault)
    expect((await ask()).status).toBe(401)
    expect(emulator.requests.at(-1)).toMatchObject({ fault: 'delay', status: 401 })
  })

  it.each<Fault>([
    { type: 'delay', milliseconds: 2 ** 31 - 1 },
    { type: 'delay', milliseconds: 2 ** 31 - 1, when: 'after' },
    { type: 'drip', milliseconds: 2 ** 31 - 1 },
  ])('whoever goes away ends it: %o', async (fault) => {
    emulator.injectFault(fault)
    const controller = new AbortController()
    const gone = ask({ signal: controller.signal }).then((response) => response.text())
    while (emulator.faults.length > 0) await new Promise(setImmediate)
    controller.abort()
    await expect(gone).rejects.toThrow('aborted')
    // The server closes only when no request is left.
    await emulator.close()
    emulator = await startEmulator()
  })
})

describe('in the same process', () => {
  createEmulatorBeforeEach()
  const path = '/v2/account/token'
  const moments = ['before', 'after'] as const

  it.each(
    moments.flatMap((when): Fault[] => [
      { type: 'status', status: 500, when },
      { type: 'redirect', location: 'https://elsewhere.test', when },
      { type: 'html', when },
      { type: 'drop', when },
    ]),
  )('a refresh token is spent or not: %o', async (fault) => {
    const { body } = await getJwtToken()
    domain.injectFault({ ...fault, path })
    const faulty = refreshJwt(body.refresh_token)
    if (fault.type === 'drop') await expect(faulty).rejects.toThrow(new TypeError('fetch failed'))
    else await faulty.catch((error: unknown) => expect(error).toBeInstanceOf(SyntaxError))
    const isSpent = 'when' in fault && fault.when === 'after'
    expect((await refreshJwt(body.refresh_token)).status).toBe(isSpent ? 400 : 200)
    expect(domain.requests.at(-2)).toMatchObject({ path, fault: fault.type })
  })

  it('a request that is given up while it is delayed is carried out or not', async () => {
    for (const when of moments) {
      const { body } = await getJwtToken()
      domain.injectFault({ type: 'delay', milliseconds: 2 ** 31 - 1, when, path })
      const controller = new AbortController()
      const abandoned = domain.fetch(`http://domain.test${path}`, {
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
      // Carried out, it has killed the old access token.
      while (when === 'after' && (await getUser(body.access_token)).status === 200)
        await new Promise(setImmediate)
      controller.abort(new Error('enough'))
      await expect(abandoned).rejects.toThrow('enough')
      expect((await refreshJwt(body.refresh_token)).status).toBe(when === 'after' ? 400 : 200)
    }
  })

  it('a fault hits what it is for, as often as it says, in the order of its asking', async () => {
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

  it('what a browser asks before a request is none of its own', async () => {
    domain.injectFault({ type: 'drop' })
    const preflight = { origin: 'http://localhost:5173', 'access-control-request-method': 'POST' }
    const scripted = await domain.fetch(`http://domain.test${path}`, {
      method: 'OPTIONS',
      headers: preflight,
    })
    expect(scripted.status).toBe(204)
    await expect(refreshJwt('r')).rejects.toThrow('fetch failed')
  })

  it('no fault is left after they are cleared', async () => {
    domain.injectFault({ type: 'drop', times: 5 })
    domain.clearFaults()
    expect(domain.faults).toEqual([])
    expect((await refreshJwt('r')).status).toBe(400)
  })

  it('a body that breaks off in this process breaks off as it does in fetch', async () => {
    domain.injectFault({ type: 'truncate' })
    const scripted = await domain.fetch(new URL('http://domain.test/v2/user/get'), { method: 'POST' })
    await expect(scripted.text()).rejects.toThrow(new TypeError('terminated'))
  })
})
