import type { PDSFetch, PDSFetchResponse } from '@pds/core'
import { createTransport } from '@pds/core'
import { requestToken } from '@pds/core/internal'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { call, failure, serve, spendable, token } from '../test/scripted-server.test-helper.ts'
import { attemptOutcome } from './outcome.ts'

beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  return () => vi.restoreAllMocks()
})

const systemError = (code: string, syscall?: string) => Object.assign(new Error(code), { code, syscall })
const wrapped = (cause: unknown) => new TypeError('fetch failed', { cause })
const denoError = (text: string) => new Error(`error sending request for url (http://127.0.0.1:9/): ${text}`)

const fetchError = (code: string, reason: string) =>
  Object.assign(new Error(`request to https://bj1.test/v2/oauth/token failed, reason: ${reason}`), {
    name: 'FetchError',
    type: 'system',
    code,
  })

/** Returns the outcome of an attempt that was sent and failed without a response. */
function outcomeOf(error: unknown) {
  return attemptOutcome({ sentAt: 0 }, error)
}

describe('a connection', () => {
  it.each([
    ['that was refused', wrapped(systemError('ECONNREFUSED', 'connect'))],
    ['that was refused in node-fetch', fetchError('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:9')],
    ['to an unknown host in node-fetch', fetchError('ENOTFOUND', 'getaddrinfo ENOTFOUND pds.test')],
    ['to a port that fetch blocks', wrapped(new Error('bad port'))],
    ['to a port that fetch blocks in Deno', new TypeError('Fetch failed: Requests to port 6667 are blocked')],
    ['that has no route', wrapped(systemError('EHOSTUNREACH', 'connect'))],
    ['to an unknown host', wrapped(systemError('ENOTFOUND', 'getaddrinfo'))],
    ['that timed out', wrapped(systemError('UND_ERR_CONNECT_TIMEOUT'))],
    ['with a self-signed certificate', wrapped(systemError('DEPTH_ZERO_SELF_SIGNED_CERT'))],
    [
      'that was refused in Bun',
      Object.assign(
        new TypeError('ECONNREFUSED: Unable to connect. Is the computer able to access the url?'),
        { code: 'ECONNREFUSED' },
      ),
    ],
    [
      'that was refused at each address of a host',
      wrapped(
        Object.assign(
          new AggregateError([systemError('ECONNREFUSED', 'connect'), systemError('ENETUNREACH', 'connect')]),
          {
            code: 'ECONNREFUSED',
          },
        ),
      ),
    ],
  ])('%s has the outcome not-sent', (_what, error) => {
    expect(outcomeOf(error)).toBe('not-sent')
  })

  it.each([
    // A router may report this while the client waits for the response: the server has processed the request.
    ['that was lost while reading', wrapped(systemError('EHOSTUNREACH', 'read'))],
    // Bun also says this after a request was sent, if the server then breaks TLS.
    [
      'that failed in TLS in Bun',
      Object.assign(
        new TypeError('EPROTO: The TLS handshake failed. Does the server speak TLS on this port?'),
        {
          code: 'EPROTO',
        },
      ),
    ],
    ['that was reset in node-fetch', fetchError('ECONNRESET', 'read ECONNRESET')],
    ['that was closed in node-fetch', fetchError('ECONNRESET', 'socket hang up')],
    ['that failed without a message in node-fetch', fetchError('ECONNRESET', '')],
    ['that was lost while writing', wrapped(systemError('ENETUNREACH', 'write'))],
    ['with a code and no system call', wrapped(systemError('ECONNREFUSED'))],
    ['that was reset', wrapped(systemError('ECONNRESET', 'read'))],
    // A custom fetch may throw any value, even one that cannot be converted to a string.
    ['with a message that is not a string', { message: Object.create(null) }],
    ['with a nested code that is not a string', { code: 'X', errors: [{ code: Object.create(null) }] }],
    [
      'that was lost at one address of a host',
      wrapped(
        Object.assign(
          new AggregateError([systemError('ECONNREFUSED', 'connect'), systemError('EPIPE', 'write')]),
          {
            code: 'ECONNREFUSED',
          },
        ),
      ),
    ],
    [
      'that was closed in Deno',
      wrapped(denoError('client error (SendRequest): connection closed before message')),
    ],
    // Deno may have sent the request on a reused connection before.
    [
      'that was refused in Deno',
      wrapped(denoError('client error (Connect): tcp connect error: Connection refused')),
    ],
    ['that failed without a reason', new TypeError('Failed to fetch')],
  ])('%s has the outcome unknown', (_what, error) => {
    expect(outcomeOf(error)).toBe('unknown')
  })
})

it.each([
  [200, 'unknown'],
  [303, 'unknown'],
  [0, 'unknown'],
  [400, 'responded'],
  // The server did not receive the complete request.
  [408, 'responded'],
  [429, 'responded'],
  [500, 'unknown'],
  [503, 'responded'],
])('status %i has the outcome %s', (status, expected) => {
  const response = { ok: status === 200, status } as PDSFetchResponse
  expect(attemptOutcome({ sentAt: 0, response })).toBe(expected)
})

describe('a call of several attempts', () => {
  const responseWith = (status: number) => new Response('{}', { status }) as PDSFetchResponse

  it('keeps the outcome of an attempt that was sent when later attempts are not', async () => {
    const refused = () => Promise.reject(wrapped(systemError('ECONNREFUSED', 'connect')))
    const attempts = [async () => responseWith(503), refused, refused]
    const fetch: PDSFetch = vi.fn(() => (attempts.shift() ?? refused)())
    const transport = createTransport({ api_endpoint: 'https://bj1.test', fetch, retryCount: 2 })
    const error = await failure(requestToken(transport, spendable))
    expect(error).toMatchObject({ code: 'NetworkError', outcome: 'responded' })
    expect(fetch).toHaveBeenCalledTimes(3)
  })
})

describe('a custom fetch', () => {
  class FetchError extends Error {}

  const failWith = (reason: unknown) => {
    const fetch = () => Promise.reject(reason)
    const transport = createTransport({ api_endpoint: 'https://bj1.test', fetch, retryCount: 0 })
    return failure(requestToken(transport, spendable))
  }

  it('is retried by the code of its errors, whatever their class', async () => {
    const connecting = Object.assign(new FetchError('no'), { code: 'ECONNREFUSED', syscall: 'connect' })
    const fetch = vi.fn<PDSFetch>(async () => Response.json(token)).mockRejectedValueOnce(connecting)
    await requestToken(createTransport({ api_endpoint: 'https://bj1.test', fetch }), spendable)
    expect(fetch).toHaveBeenCalledTimes(2)
  })

  it.each([
    ['HTTPError', { response: { status: 500 } }],
    ['TimeoutError', {}],
    ['NetworkError', {}],
  ])('may throw an error with the name %s', async (name, fields) => {
    const error = await failWith(Object.assign(new Error('it failed'), { name, ...fields }))
    expect(error).toMatchObject({
      code: 'NetworkError',
      outcome: 'unknown',
      message: `the connection to https://bj1.test failed (${name}: it failed)`,
    })
  })

  it.each([
    ['a code with a secret', Object.assign(new Error(), { code: 'code=canary code/+' })],
    ['a name with a secret', Object.assign(new Error(), { name: 'canary code/+' })],
    ['a message with a secret', new Error('cannot send code=canary+code%2F%2B')],
    ['a cause with a secret', new Error('no', { cause: new Error('canary code/+') })],
    ['a property with a secret', Object.assign(new Error('no'), { request: { body: 'canary code/+' } })],
    ['a URL with a query', new Error('request to https://bj1.test/x?name=canary failed')],
    ['a string', 'canary'],
  ])('may throw %s', async (_what, reason) => {
    expect(await failWith(reason)).toMatchObject({ code: 'NetworkError', outcome: 'unknown' })
  })

  it.each([
    [
      'a getter that throws',
      Object.defineProperty(new Error('no'), 'code', {
        get() {
          throw new Error('canary')
        },
      }),
    ],
    ['a Proxy that throws', new Proxy({}, { get: () => expect.fail('canary') })],
    ['causes in a circle', Object.assign(new Error('round'), { cause: undefined as unknown })],
  ])('may throw %s', async (what, reason) => {
    if (what === 'causes in a circle') Object.assign(reason, { cause: reason })
    expect(await failWith(reason)).toMatchObject({ code: 'NetworkError', outcome: 'unknown' })
  })

  it('may throw an error with causes, whose names, codes and messages are kept', async () => {
    const inner = Object.assign(new FetchError('read ECONNRESET'), { code: 'ECONNRESET', socket: {} })
    const { message, cause } = await failWith(new TypeError('fetch failed', { cause: inner }))
    expect(message).toBe('the connection to https://bj1.test failed (ECONNRESET: read ECONNRESET)')
    expect(cause).toMatchObject({ name: 'TypeError', message: 'fetch failed' })
    expect((cause as Error).cause).toMatchObject({
      name: 'Error',
      code: 'ECONNRESET',
      message: 'read ECONNRESET',
    })
    expect(Object.keys((cause as Error).cause as Error).sort()).toEqual(['code', 'name'])
  })
})

describe('an OAuth 2.0 error with status 200', () => {
  it('is an error of the service, which has not processed the request', async () => {
    const body = { error: 'bad_verification_code', error_description: 'The code is incorrect or expired.' }
    const { api_endpoint, received } = await serve({ status: 200, body })
    const error = await failure(call(api_endpoint))
    expect(error).toMatchObject({
      code: 'bad_verification_code',
      type: 'ServerError',
      status: 200,
      outcome: 'responded',
      message: 'The code is incorrect or expired. [status: 200] [code: bad_verification_code]',
      response: { data: body },
    })
    expect(received).toHaveLength(1)
  })

  it('may have no description', async () => {
    const { api_endpoint } = await serve({ status: 200, body: { error: 'invalid_grant' } })
    expect(await failure(call(api_endpoint))).toMatchObject({
      outcome: 'responded',
      message: 'the server responded with the error invalid_grant [status: 200] [code: invalid_grant]',
    })
  })

  it('is not an error if there is a token', async () => {
    const { api_endpoint } = await serve({ status: 200, body: { ...token, error: 'deprecated' } })
    expect(await call(api_endpoint)).toMatchObject(token)
  })

  it.each([{ error: '' }, { error: ' ' }, { error: { code: 'x' } }, { code: 'Forbidden' }, [], null])(
    'is not %j, which is an invalid response',
    async (body) => {
      const { api_endpoint } = await serve({ status: 200, body: JSON.stringify(body) })
      expect(await failure(call(api_endpoint))).toMatchObject({ code: 'InvalidResponse', outcome: 'unknown' })
    },
  )

  it('keeps the outcome unknown if an earlier attempt may have been processed', async () => {
    const { api_endpoint } = await serve((_request, response) => response.destroy(), {
      status: 200,
      body: { error: 'bad_verification_code' },
    })
    const error = await failure(call(api_endpoint, { retryUnknown: true }))
    expect(error).toMatchObject({ code: 'bad_verification_code', outcome: 'unknown' })
  })
})
