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

/** The outcome of an attempt that was sent and failed. */
function outcomeOf(error: unknown) {
  return attemptOutcome(-1, error)
}

describe('a connection', () => {
  it.each([
    ['refused', wrapped(systemError('ECONNREFUSED', 'connect'))],
    ['without a route', wrapped(systemError('EHOSTUNREACH', 'connect'))],
    ['to no such host', wrapped(systemError('ENOTFOUND', 'getaddrinfo'))],
    ['not made in time', wrapped(systemError('UND_ERR_CONNECT_TIMEOUT'))],
    ['with a certificate of nobody', wrapped(systemError('DEPTH_ZERO_SELF_SIGNED_CERT'))],
    [
      'refused in Bun',
      Object.assign(
        new TypeError('ECONNREFUSED: Unable to connect. Is the computer able to access the url?'),
        { code: 'ECONNREFUSED' },
      ),
    ],
    ['refused in Deno', wrapped(denoError('client error (Connect): tcp connect error: Connection refused'))],
    ['to no such host in Deno', wrapped(denoError('client error (Connect): dns error: failed to lookup'))],
    [
      'refused at each address of a host',
      wrapped(
        Object.assign(
          new AggregateError([systemError('ECONNREFUSED', 'connect'), systemError('ENETUNREACH', 'connect')]),
          {
            code: 'ECONNREFUSED',
          },
        ),
      ),
    ],
  ])('%s has sent nothing', (_what, error) => {
    expect(outcomeOf(error)).toBe('not-sent')
  })

  it.each([
    // What a router answers while the answer is awaited: the request has been carried out.
    ['lost while it was read', wrapped(systemError('EHOSTUNREACH', 'read'))],
    ['lost while it was written', wrapped(systemError('ENETUNREACH', 'write'))],
    ['with a code alone', wrapped(systemError('ECONNREFUSED'))],
    ['reset', wrapped(systemError('ECONNRESET', 'read'))],
    // A fetch of one's own may throw anything, also what cannot be made a text.
    ['with a message that is none', { message: Object.create(null) }],
    ['with a code that is none', { code: 'X', errors: [{ code: Object.create(null) }] }],
    [
      'lost at one address of a host',
      wrapped(
        Object.assign(
          new AggregateError([systemError('ECONNREFUSED', 'connect'), systemError('EPIPE', 'write')]),
          {
            code: 'ECONNREFUSED',
          },
        ),
      ),
    ],
    ['closed in Deno', wrapped(denoError('client error (SendRequest): connection closed before message'))],
    [
      'closed in Deno, to an address that looks like something else',
      wrapped(new Error('error sending request for url (http://a/?client error (Connect): ): client error')),
    ],
    ['that failed without a word', new TypeError('Failed to fetch')],
  ])('%s may have sent it all', (_what, error) => {
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
])('status %i is %s', (status, expected) => {
  expect(attemptOutcome(status)).toBe(expected)
})

describe('a call of several attempts', () => {
  const responseWith = (status: number) => new Response('{}', { status }) as PDSFetchResponse

  it('is what the attempt was that did the most', async () => {
    const refused = () => Promise.reject(wrapped(systemError('ECONNREFUSED', 'connect')))
    const attempts = [async () => responseWith(503), refused, refused]
    const fetch: PDSFetch = vi.fn(() => (attempts.shift() ?? refused)())
    const transport = createTransport({ api_endpoint: 'https://bj1.test', fetch, retryCount: 2 })
    const error = await failure(requestToken(transport, spendable))
    expect(error).toMatchObject({ code: 'NetworkError', outcome: 'responded' })
    expect(fetch).toHaveBeenCalledTimes(3)
  })
})

describe('a fetch of another kind', () => {
  class FetchError extends Error {}

  it('is sent again by what its errors say, whatever their class', async () => {
    const connecting = Object.assign(new FetchError('no'), { code: 'ECONNREFUSED', syscall: 'connect' })
    const fetch = vi.fn<PDSFetch>(async () => Response.json(token)).mockRejectedValueOnce(connecting)
    await requestToken(createTransport({ api_endpoint: 'https://bj1.test', fetch }), spendable)
    expect(fetch).toHaveBeenCalledTimes(2)
  })

  it.each([
    ['HTTPError', { response: { status: 500 } }],
    ['TimeoutError', {}],
    ['NetworkError', {}],
  ])('may call its errors %s', async (name, fields) => {
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
    ['nothing of use', 'canary'],
  ])('may fail with %s', async (_what, reason) => {
    const fetch = () => Promise.reject(reason)
    const transport = createTransport({ api_endpoint: 'https://bj1.test', fetch, retryCount: 0 })
    expect(await failure(requestToken(transport, spendable))).toMatchObject({ code: 'NetworkError' })
  })
})
