import { createTransport, type IPDSRequestConfig, type PDSFetch, type PDSTransportConfig } from '@pds/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { call, failure, ok, serve } from '../test/scripted-server.test-helper.ts'

const api_endpoint = 'https://bj1.test'
const polluted = Object.prototype as Record<string, unknown>

afterEach(() => {
  for (const name of ['retryUnknown', 'allowInsecure', 'fetch']) delete polluted[name]
})

describe('options', () => {
  it('ignore inherited properties', async () => {
    const { received, api_endpoint } = await serve({ status: 500 })
    const stolen = vi.fn<PDSFetch>()
    Object.assign(polluted, { retryUnknown: true, allowInsecure: true, fetch: stolen })
    await failure(call(api_endpoint, {}))
    expect(received).toHaveLength(1)
    expect(stolen).not.toHaveBeenCalled()
    expect(() => createTransport({ api_endpoint: 'http://elsewhere.test' })).toThrow(
      'secrets are sent over https',
    )
  })

  it('ignore changes after createTransport', async () => {
    const { received, api_endpoint } = await serve({ status: 429, headers: { 'retry-after': '0' } })
    const config: PDSTransportConfig = { api_endpoint, retryCount: 1 }
    const transport = createTransport(config)
    Object.assign(config, { retryCount: 9, fetch: () => expect.fail('the changed fetch was called') })
    const request = { endpoint: 'auth', path: '/a', format: 'json', params: {}, read: () => null } as const
    await failure(transport.post(request))
    expect(received).toHaveLength(2)
  })

  it('are read once', async () => {
    const { received, api_endpoint } = await serve({ status: 429, headers: { 'retry-after': '0' } })
    let reads = 0
    const options: IPDSRequestConfig = {
      get retryCount() {
        return reads++ === 0 ? 0 : 9
      },
    }
    await failure(call(api_endpoint, options))
    expect(received).toHaveLength(1)
  })

  it.each([
    [
      'an instance of a class',
      new (class Options {
        timeout = 1
      })(),
    ],
    ['an object with a custom prototype', Object.create({ retryUnknown: true })],
    ['an array', []],
  ])('are rejected if they are %s', async (_what, options) => {
    await expect(failure(call(api_endpoint, options))).resolves.toMatchObject({
      code: 'InvalidParameter',
      message: expect.stringMatching(/^post: options must be a plain object/),
    })
    expect(() => createTransport(options)).toThrow('createTransport: options must be a plain object')
  })

  it('may be frozen and have no prototype', async () => {
    const { api_endpoint } = await serve(ok)
    const options = Object.freeze(Object.assign(Object.create(null), { timeout: 5000 }))
    await expect(call(api_endpoint, options)).resolves.toMatchObject(ok.body)
  })
})
