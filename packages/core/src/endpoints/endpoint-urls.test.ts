import { createTransport, type IPDSRequestConfig, type PDSTransportConfig } from '@pds/core'
import { describe, expect, it } from 'vitest'
import { failure, ok, serve } from '../test/scripted-server.test-helper.ts'

/** Sends an empty request to a path of the API. */
function send(path: string, config: PDSTransportConfig, options?: IPDSRequestConfig) {
  const request = {
    endpoint: 'api',
    path,
    format: 'json',
    params: {},
    read: (data: unknown) => data,
  } as const
  return createTransport(config).post(request, options)
}

describe('the URL of a call', () => {
  it.each([
    ['/file/list', {}, '/v2/file/list'],
    ['/file/list?a=1', { params: { b: 'x&y', c: undefined } }, '/v2/file/list?a=1&b=x%26y'],
    ['/file/list', { params: { a: 1, b: true } }, '/v2/file/list?a=1&b=true'],
    [
      '/file/list',
      {
        params: new URLSearchParams([
          ['a', '1'],
          ['a', '2'],
        ]),
      },
      '/v2/file/list?a=1&a=2',
    ],
    ['/file/list#part', {}, '/v2/file/list'],
  ])('%s with %o is %s', async (path, options, expected) => {
    const { received, api_endpoint } = await serve(ok)
    await send(path, { api_endpoint }, options)
    expect(received[0]?.url).toBe(expected)
  })

  it('has no version if the option is empty', async () => {
    const { received, api_endpoint } = await serve(ok)
    await send('/file/list', { api_endpoint: `${api_endpoint}/base/`, version: '' })
    expect(received[0]?.url).toBe('/base/file/list')
  })

  it('may be an absolute URL', async () => {
    const { received, api_endpoint } = await serve(ok)
    await send(`${api_endpoint}/v3/x?y=1`, { api_endpoint: 'https://bj1.test' })
    expect(received[0]?.url).toBe('/v3/x?y=1')
  })

  it.each([
    ['is corrected by the service', 'https://bj1.test/v2/x', Date.parse('2026-01-02T03:04:05Z')],
    ['is not changed by another server', 'https://elsewhere.test/x', 0],
  ])('decides whether the clock %s', async (_what, address, now) => {
    const headers = { date: 'Fri, 02 Jan 2026 03:04:05 GMT' }
    const fetch = async () => Response.json({}, { headers })
    const transport = createTransport({ api_endpoint: 'https://bj1.test', clock: () => 0, fetch })
    const read = (data: unknown) => data
    await transport.post({ endpoint: 'api', path: address, format: 'json', params: {}, read })
    expect(Math.abs(transport.now() - now)).toBeLessThan(1000)
  })

  it.each([
    ['', 'pathname must be a path that starts with one /, or a URL without user (received an empty string)'],
    [
      'file/list',
      'pathname must be a path that starts with one /, or a URL without user (received a string)',
    ],
    [
      '//elsewhere.test/canary',
      'pathname must be a path that starts with one /, or a URL without user (received a string)',
    ],
    [
      'ftp://elsewhere.test/canary',
      'pathname must be a path that starts with one /, or a URL without user (received a string)',
    ],
    ['https://', 'pathname must be a path that starts with one /, or a URL without user (received a string)'],
    [
      'https://user:canary@bj1.test/',
      'pathname must be a path that starts with one /, or a URL without user (received a string)',
    ],
    [
      'http://elsewhere.test/canary',
      'pathname is http://elsewhere.test: secrets are sent over https: only, unless allowInsecure is set',
    ],
    [
      undefined as unknown as string,
      'pathname must be a path that starts with one /, or a URL without user (received undefined)',
    ],
  ])('must not be %j', async (path, message) => {
    const fetch = () => expect.fail('the request was sent')
    const error = await failure(send(path, { api_endpoint: 'https://bj1.test', fetch }))
    expect(error).toMatchObject({
      code: 'InvalidParameter',
      outcome: 'not-sent',
      message: `post: ${message}`,
    })
  })

  it('is sent with credentials and keepalive, and without following redirects', async () => {
    const inits: object[] = []
    const fetch = async (_url: string, init: object) => {
      inits.push(init)
      return Response.json({})
    }
    const config = { api_endpoint: 'https://bj1.test', fetch, identify: false }
    await send('/x', config)
    await send('/x', config, { credentials: 'include', keepalive: true, maxRedirects: 0 })
    const shared = {
      method: 'POST',
      redirect: 'manual',
      cache: 'no-store',
      body: '{}',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      signal: expect.any(AbortSignal),
    }
    expect(inits).toEqual([shared, { ...shared, credentials: 'include', keepalive: true }])
  })
})

describe('data that cannot be written as JSON', () => {
  it('is rejected before anything is sent', async () => {
    const cyclic: Record<string, unknown> = {}
    cyclic.canary = cyclic
    for (const params of [cyclic, { canary: 1n }]) {
      const transport = createTransport({
        api_endpoint: 'https://bj1.test',
        fetch: () => expect.fail('the request was sent'),
      })
      const request = { endpoint: 'api', path: '/x', format: 'json', params, read: () => null } as const
      expect(await failure(transport.post(request))).toMatchObject({
        code: 'InvalidParameter',
        outcome: 'not-sent',
        message: 'the data cannot be written as JSON: it contains a BigInt or a circular reference',
      })
    }
  })
})
