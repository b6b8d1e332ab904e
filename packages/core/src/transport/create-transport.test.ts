import { createTransport, type PDSTransportConfig } from '@pds/core'
import { describe, expect, it } from 'vitest'

const api_endpoint = 'https://bj1.api.aliyunpds.com'

/** Returns the message of the error for an invalid configuration, or undefined for a valid one. */
function rejection(config: unknown): string | undefined {
  try {
    createTransport(config as PDSTransportConfig)
    return undefined
  } catch (error) {
    expect(error).toMatchObject({ name: 'PDSError', code: 'InvalidParameter', outcome: 'not-sent' })
    return (error as Error).message
  }
}

describe('createTransport', () => {
  it('accepts one endpoint for API and token calls, or one for each', () => {
    const auth_endpoint = 'https://bj1.auth.aliyunpds.com'
    expect(createTransport({ api_endpoint })).toMatchObject({ api_endpoint, auth_endpoint: api_endpoint })
    expect(createTransport({ auth_endpoint })).toMatchObject({ api_endpoint: auth_endpoint, auth_endpoint })
    expect(createTransport({ api_endpoint, auth_endpoint })).toMatchObject({ api_endpoint, auth_endpoint })
  })

  it.each([
    ['https://bj1.api.aliyunpds.com/', 'https://bj1.api.aliyunpds.com'],
    ['https://gateway.test/pds//', 'https://gateway.test/pds'],
    ['HTTPS://BJ1.api.aliyunpds.com', 'https://bj1.api.aliyunpds.com'],
    ['http://localhost:7171', 'http://localhost:7171'],
    ['http://domain.localhost', 'http://domain.localhost'],
    ['http://127.1.2.3', 'http://127.1.2.3'],
    ['http://[::1]:80', 'http://[::1]'],
  ])('accepts %s as %s', (given, expected) => {
    expect(createTransport({ api_endpoint: given }).api_endpoint).toBe(expected)
  })

  it.each([
    [undefined, 'the options must be a plain object (received undefined)'],
    [{}, 'api_endpoint or auth_endpoint is required'],
    [
      { api_endpoint: '' },
      'api_endpoint must be a URL without user, query and fragment, for example https://{domain_id}.api.aliyunpds.com (received an empty string)',
    ],
    [
      { api_endpoint: 7 },
      'api_endpoint must be a URL without user, query and fragment, for example https://{domain_id}.api.aliyunpds.com (received a number)',
    ],
    [
      { api_endpoint: 'bj1' },
      'api_endpoint must be a URL without user, query and fragment, for example https://{domain_id}.api.aliyunpds.com (received a string)',
    ],
    [
      { api_endpoint: 'ftp://bj1' },
      'api_endpoint must be a URL without user, query and fragment, for example https://{domain_id}.api.aliyunpds.com (received a string)',
    ],
    [
      { auth_endpoint: 'https://u:hunter2@bj1' },
      'auth_endpoint must be a URL without user, query and fragment, for example https://{domain_id}.api.aliyunpds.com (received a string)',
    ],
    [
      { api_endpoint: 'https://undefined.api.aliyunpds.com' },
      'api_endpoint is https://undefined.api.aliyunpds.com: the domain id is undefined or empty',
    ],
    [
      { api_endpoint: 'http://bj1.api.aliyunpds.com' },
      'api_endpoint is http://bj1.api.aliyunpds.com: secrets are sent over https: only. Use https:, or set allowInsecure to accept the risk',
    ],
    [
      { api_endpoint: 'http://localhost.evil.test' },
      'api_endpoint is http://localhost.evil.test: secrets are sent over https: only. Use https:, or set allowInsecure to accept the risk',
    ],
    [
      { api_endpoint, token_endpoint: 'oauth/token' },
      'token_endpoint must be a path that starts with one /, or an absolute URL without a user (received a string)',
    ],
    [
      { api_endpoint, authorization_endpoint: '' },
      'authorization_endpoint must be a path that starts with one /, or an absolute URL without a user (received an empty string)',
    ],
    [
      { api_endpoint, revocation_endpoint: 'https://u:hunter2@auth.test/revoke' },
      'revocation_endpoint must be a path that starts with one /, or an absolute URL without a user (received a string)',
    ],
    [
      { api_endpoint, token_endpoint: 'http://auth.test/token' },
      'token_endpoint is http://auth.test: secrets are sent over https: only. Use https:, or set allowInsecure to accept the risk',
    ],
    [
      { api_endpoint, version: 'v2/' },
      'version must be a word, for example v2, or empty (received a string)',
    ],
    [
      { api_endpoint, hooks: { beforeRequst: () => undefined } },
      'hooks must be an object with the functions beforeRequest, afterResponse, beforeRetry and beforeError, or an array of such objects (received an object)',
    ],
    [
      { api_endpoint, totalTimeout: 2 ** 31 },
      'totalTimeout must be a number of milliseconds from 0 (no limit) to 2147483647 (received 2147483648)',
    ],
    [
      { api_endpoint, maxContentLength: 0.5 },
      'maxContentLength must be a non-negative integer (received 0.5)',
    ],
    [
      { api_endpoint, clock: () => Number.NaN },
      'clock must return milliseconds since the epoch, up to the year 9999',
    ],
    [{ api_endpoint, retryCount: -1 }, 'retryCount must be a non-negative integer (received -1)'],
    [{ api_endpoint, retryCount: '3' }, 'retryCount must be a non-negative integer (received a string)'],
    [
      { api_endpoint, timeout: Number.NaN },
      'timeout must be a number of milliseconds from 0 (no limit) to 2147483647 (received NaN)',
    ],
    [{ api_endpoint, fetch: 'fetch' }, 'fetch must be a function (received a string)'],
    [{ api_endpoint, clock: 0 }, 'clock must be a function (received 0)'],
    [{ api_endpoint, allowInsecure: 'yes' }, 'allowInsecure must be true or false (received a string)'],
    [
      { api_endpoint, proxy: 'http://proxy.test' },
      "proxy is not a supported option: configure it in the transport's fetch",
    ],
    [
      { api_endpoint, timeOut: 1 },
      'timeOut is not a supported option: the options are api_endpoint, auth_endpoint, authorization_endpoint, token_endpoint, revocation_endpoint, version, retryCount, timeout, totalTimeout, maxContentLength, hooks, identify, fetch, clock, allowInsecure',
    ],
  ])('rejects %j', (config, message) => {
    expect(rejection(config)).toBe(message)
  })

  it('accepts http: with allowInsecure', () => {
    const insecure = createTransport({ api_endpoint: 'http://bj1.test', allowInsecure: true })
    expect(insecure.api_endpoint).toBe('http://bj1.test')
  })

  it('has the endpoints of RFC 8414 at the paths of the vendor, or at those of its options', () => {
    const auth_endpoint = 'https://bj1.auth.aliyunpds.com'
    expect(createTransport({ api_endpoint, auth_endpoint })).toMatchObject({
      authorization_endpoint: `${auth_endpoint}/v2/oauth/authorize`,
      token_endpoint: `${auth_endpoint}/v2/oauth/token`,
      revocation_endpoint: undefined,
      origins: [api_endpoint, auth_endpoint],
    })
    const transport = createTransport({
      api_endpoint,
      version: '',
      authorization_endpoint: 'https://login.test/authorize?tenant=1#part',
      token_endpoint: '/token#',
      revocation_endpoint: 'http://127.0.0.1:9/revoke',
    })
    expect(transport).toMatchObject({
      authorization_endpoint: 'https://login.test/authorize?tenant=1',
      token_endpoint: `${api_endpoint}/token`,
      revocation_endpoint: 'http://127.0.0.1:9/revoke',
      // No secret is sent to the authorization endpoint.
      origins: [api_endpoint, 'http://127.0.0.1:9'],
    })
  })

  it('ignores undefined options', () => {
    const options = { version: undefined, timeout: undefined, fetch: undefined, allowInsecure: undefined }
    expect(rejection({ api_endpoint, ...options })).toBeUndefined()
  })
})
