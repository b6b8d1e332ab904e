import type { PDSFetch, PDSFetchResponse } from '@pds/core'
import { createTransport } from '@pds/core'
import { requestToken } from '@pds/core/internal'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { failure, spendable, token } from '../test/scripted-server.test-helper.ts'
import { attemptOutcome } from './outcome.ts'

beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  return () => vi.restoreAllMocks()
})

const systemError = (code: string, syscall?: string) => Object.assign(new Error(code), { code, syscall })
const wrapped = (cause: unknown) => new TypeError('fetch failed', { cause })
const denoError = (text: string) => new Error(`error sending request for url (http://127.0.0.1:9/): ${text}`)

/** Returns the outcome of an attempt that was sent and failed without a response. */
function outcomeOf(error: unknown) {
  return attemptOutcome(-1, error)
}

describe('a connection', () => {
  it.each([
    ['that was refused', wrapped(systemError('ECONNREFUSED', 'connect'))],
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
      'that was refused in Deno',
      wrapped(denoError('client error (Connect): tcp connect error: Connection refused')),
    ],
    ['to an unknown host in Deno', wrapped(denoError('client error (Connect): dns error: failed to lookup'))],
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
    [
      'that was closed in Deno, to a URL that looks like an error message',
      wrapped(new Error('error sending request for url (http://a/?client error (Connect): ): client error')),
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
  [429, 'responded'],
  [500, 'unknown'],
  [503, 'responded'],
])('status %i has the outcome %s', (status, expected) => {
  expect(attemptOutcome(status)).toBe(expected)
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
    const fetch = () => Promise.reject(Object.assign(new Error('canary'), { name, ...fields }))
    const transport = createTransport({ api_endpoint: 'https://bj1.test', fetch, retryCount: 0 })
    const error = await failure(requestToken(transport, spendable))
    expect(error).toMatchObject({
      code: 'NetworkError',
      outcome: 'unknown',
      message: `the connection to https://bj1.test failed (${name})`,
    })
  })

  it.each([
    ['a code with a secret', Object.assign(new Error(), { code: 'code=canary code/+' })],
    ['a name with a secret', Object.assign(new Error(), { name: 'canary code/+' })],
    ['a string', 'canary'],
  ])('may throw %s', async (_what, reason) => {
    const fetch = () => Promise.reject(reason)
    const transport = createTransport({ api_endpoint: 'https://bj1.test', fetch, retryCount: 0 })
    expect(await failure(requestToken(transport, spendable))).toMatchObject({ code: 'NetworkError' })
  })
})
