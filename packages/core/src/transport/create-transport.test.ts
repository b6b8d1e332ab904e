import { createTransport, type PDSTransportConfig } from '@pds/core'
import { describe, expect, it } from 'vitest'

const api_endpoint = 'https://bj1.api.aliyunpds.com'

/** The message of the error that a configuration, of any type, is refused with. */
function refusal(config: unknown): string | undefined {
  try {
    createTransport(config as PDSTransportConfig)
    return undefined
  } catch (error) {
    expect(error).toMatchObject({ name: 'PDSError', code: 'InvalidParameter', outcome: 'not-sent' })
    return (error as Error).message
  }
}

describe('createTransport', () => {
  it('takes one endpoint for both kinds of calls, or one for each', () => {
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
  ])('takes %s as %s', (given, expected) => {
    expect(createTransport({ api_endpoint: given }).api_endpoint).toBe(expected)
  })

  it.each([
    [undefined, 'the options must be a plain object, got undefined'],
    [{}, 'api_endpoint or auth_endpoint is required'],
    [
      { api_endpoint: '' },
      'api_endpoint must be a URL such as https://{domain_id}.api.aliyunpds.com, without user, query and fragment, got an empty string',
    ],
    [
      { api_endpoint: 7 },
      'api_endpoint must be a URL such as https://{domain_id}.api.aliyunpds.com, without user, query and fragment, got a number',
    ],
    [
      { api_endpoint: 'bj1' },
      'api_endpoint must be a URL such as https://{domain_id}.api.aliyunpds.com, without user, query and fragment, got a string',
    ],
    [
      { api_endpoint: 'ftp://bj1' },
      'api_endpoint must be a URL such as https://{domain_id}.api.aliyunpds.com, without user, query and fragment, got a string',
    ],
    [
      { auth_endpoint: 'https://u:hunter2@bj1' },
      'auth_endpoint must be a URL such as https://{domain_id}.api.aliyunpds.com, without user, query and fragment, got a string',
    ],
    [
      { api_endpoint: 'https://undefined.api.aliyunpds.com' },
      'api_endpoint is https://undefined.api.aliyunpds.com: the domain id had no value when the URL was built',
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
      'token_endpoint must be a path that begins with one /, or a full address without a user, got a string',
    ],
    [
      { api_endpoint, authorization_endpoint: '' },
      'authorization_endpoint must be a path that begins with one /, or a full address without a user, got an empty string',
    ],
    [
      { api_endpoint, revocation_endpoint: 'https://u:hunter2@auth.test/revoke' },
      'revocation_endpoint must be a path that begins with one /, or a full address without a user, got a string',
    ],
    [
      { api_endpoint, token_endpoint: 'http://auth.test/token' },
      'token_endpoint is http://auth.test: secrets are sent over https: only. Use https:, or set allowInsecure to accept the risk',
    ],
    [{ api_endpoint, version: 'v2/' }, 'version must be a word such as v2, or empty, got a string'],
    [
      { api_endpoint, hooks: { beforeRequst: () => undefined } },
      'hooks must be an object of the functions beforeRequest, afterResponse, beforeRetry and beforeError, or an array of such, got an object',
    ],
    [
      { api_endpoint, totalTimeout: 2 ** 31 },
      'totalTimeout must be a number of milliseconds from 0 (no limit) to 2147483647, got 2147483648',
    ],
    [{ api_endpoint, maxContentLength: 0.5 }, 'maxContentLength must be a whole number from 0, got 0.5'],
    [
      { api_endpoint, clock: () => Number.NaN },
      'clock must give milliseconds since the epoch, up to the year 9999',
    ],
    [{ api_endpoint, retryCount: -1 }, 'retryCount must be a whole number from 0, got -1'],
    [{ api_endpoint, retryCount: '3' }, 'retryCount must be a whole number from 0, got a string'],
    [
      { api_endpoint, timeout: Number.NaN },
      'timeout must be a number of milliseconds from 0 (no limit) to 2147483647, got NaN',
    ],
    [{ api_endpoint, fetch: 'fetch' }, 'fetch must be a function, got a string'],
    [{ api_endpoint, clock: 0 }, 'clock must be a function, got 0'],
    [{ api_endpoint, allowInsecure: 'yes' }, 'allowInsecure must be true or false, got a string'],
    [
      { api_endpoint, proxy: 'http://proxy.test' },
      'proxy is not an option here: give the transport a fetch that does it',
    ],
    [
      { api_endpoint, timeOut: 1 },
      'timeOut is not an option here: there are api_endpoint, auth_endpoint, authorization_endpoint, token_endpoint, revocation_endpoint, version, retryCount, timeout, totalTimeout, maxContentLength, hooks, identify, fetch, clock, allowInsecure',
    ],
  ])('refuses %j', (config, message) => {
    expect(refusal(config)).toBe(message)
  })

  it('takes plain http: where the risk is accepted', () => {
    const insecure = createTransport({ api_endpoint: 'http://bj1.test', allowInsecure: true })
    expect(insecure.api_endpoint).toBe('http://bj1.test')
  })

  it('has the endpoints of RFC 8414 at the paths of the vendor, or where they are set', () => {
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
      // Nothing that is secret is sent to where users sign in.
      origins: [api_endpoint, 'http://127.0.0.1:9'],
    })
  })

  it('takes an option that is undefined as one that is not given', () => {
    const options = { version: undefined, timeout: undefined, fetch: undefined, allowInsecure: undefined }
    expect(refusal({ api_endpoint, ...options })).toBeUndefined()
  })
})
