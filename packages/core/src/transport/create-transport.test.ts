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
    return (error as Error).message.replace(/^createTransport: /, '')
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
    ['http://127.1', 'http://127.0.0.1'],
    ['http://127.1.2.3', 'http://127.1.2.3'],
    ['http://[::1]:80', 'http://[::1]'],
  ])('accepts %s as %s', (given, expected) => {
    expect(createTransport({ api_endpoint: given }).api_endpoint).toBe(expected)
  })

  it.each([
    [undefined, 'options must be a plain object (received undefined)'],
    [{}, 'domain_id, api_endpoint or metadata is required'],
    [
      { api_endpoint: '' },
      'api_endpoint must be a URL without user, query and fragment, for example https://bj1.api.aliyunpds.com (received an empty string)',
    ],
    [
      { api_endpoint: 7 },
      'api_endpoint must be a URL without user, query and fragment, for example https://bj1.api.aliyunpds.com (received a number)',
    ],
    [
      { api_endpoint: 'bj1' },
      'api_endpoint must start with https://, for example https://bj1.api.aliyunpds.com (received a string without https://)',
    ],
    [
      { api_endpoint: 'ftp://bj1' },
      'api_endpoint must be a URL without user, query and fragment, for example https://bj1.api.aliyunpds.com (received a string)',
    ],
    [
      { auth_endpoint: 'https://u:hunter2@bj1' },
      'auth_endpoint must be a URL without user, query and fragment, for example https://bj1.api.aliyunpds.com (received a string)',
    ],
    [
      { api_endpoint: 'https://undefined.api.aliyunpds.com' },
      "api_endpoint is https://undefined.api.aliyunpds.com: replace 'undefined' with your domain id",
    ],
    [
      { api_endpoint: 'http://bj1.api.aliyunpds.com' },
      'api_endpoint is http://bj1.api.aliyunpds.com: secrets are sent over https: only, unless allowInsecure is set',
    ],
    [
      { api_endpoint: 'http://localhost.evil.test' },
      'api_endpoint is http://localhost.evil.test: secrets are sent over https: only, unless allowInsecure is set',
    ],
    [
      { api_endpoint, token_endpoint: 'oauth/token' },
      'token_endpoint must be a path that starts with one /, or a URL without user (received a string)',
    ],
    [
      { api_endpoint, authorization_endpoint: '' },
      'authorization_endpoint must be a path that starts with one /, or a URL without user (received an empty string)',
    ],
    [
      { api_endpoint, revocation_endpoint: 'https://u:hunter2@auth.test/revoke' },
      'revocation_endpoint must be a path that starts with one /, or a URL without user (received a string)',
    ],
    [
      { api_endpoint, token_endpoint: 'http://auth.test/token' },
      'token_endpoint is http://auth.test: secrets are sent over https: only, unless allowInsecure is set',
    ],
    [
      { api_endpoint, version: 'v2/' },
      'version must be a word, for example v2, or empty (received a string)',
    ],
    [
      { api_endpoint, hooks: { beforeRequst: () => undefined } },
      'hooks must be an object of hooks (beforeRequest, afterResponse, beforeRetry, beforeError), or an array of these (received an object)',
    ],
    [
      { api_endpoint, totalTimeout: 2 ** 31 },
      'totalTimeout must be a number of milliseconds from 0 (no limit) to 2147483647 (received 2147483648)',
    ],
    [
      { api_endpoint, maxContentLength: 0.5 },
      'maxContentLength must be a non-negative integer (received 0.5)',
    ],
    [{ api_endpoint, clock: () => Number.NaN }, 'clock must return milliseconds since the epoch'],
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
      "proxy is not supported: configure it in the transport's fetch",
    ],
    [{ api_endpoint, timeOut: 1 }, 'timeOut is not supported: did you mean timeout?'],
    [{ apiEndpoint: api_endpoint }, 'apiEndpoint is not supported: did you mean api_endpoint?'],
    [
      { api_endpoint, retries: 1 },
      expect.stringMatching(/^retries is not supported: the names are domain_id, /),
    ],
  ])('rejects %j', (config, message) => {
    expect(rejection(config)).toEqual(message)
  })

  it.each([
    ['https://{domain_id}.api.aliyunpds.com', '{domain_id}'],
    [`https://$${'{domain_id}'}.api.aliyunpds.com`, `$${'{domain_id}'}`],
    ['https://%7Bdomain_id%7D.api.aliyunpds.com', '{domain_id}'],
    ['https://domain_id.api.aliyunpds.com', 'domain_id'],
    ['https://"bj1".api.aliyunpds.com', '"bj1"'],
    ['https://NaN.api.aliyunpds.com', 'nan'],
    ['https://null.api.aliyunpds.com', 'null'],
    ['https://.api.aliyunpds.com', ''],
    ['https://undefined', 'undefined'],
  ])('rejects %s, whose domain id is missing', (given, label) => {
    for (const name of ['api_endpoint', 'auth_endpoint', 'token_endpoint']) {
      expect(rejection({ api_endpoint, [name]: given })).toBe(
        `${name} is ${new URL(given).origin}: replace '${label}' with your domain id`,
      )
    }
  })

  it.each([
    ['https://bj1.test/v2', {}, 'v2', 'https://bj1.test'],
    ['https://gateway.test/pds/v2/', {}, 'v2', 'https://gateway.test/pds'],
    ['https://bj1.test/v3', { version: 'v3' }, 'v3', 'https://bj1.test'],
  ])('rejects %s with %j, because each call adds the version', (given, options, version, right) => {
    expect(rejection({ auth_endpoint: given, ...options })).toBe(
      `auth_endpoint ends with /${version}, which the option version adds: write ${right}`,
    )
    expect(rejection({ auth_endpoint: right, ...options })).toBeUndefined()
  })

  it.each([
    ['https://v2', {}],
    ['https://gateway.test/v2', { version: '' }],
    ['https://gateway.test/apiv2', {}],
    ['http://pds_emulator:7171', { allowInsecure: true }],
    ['https://xn--fiq228c.test', {}],
  ])('accepts %s with %j', (given, options) => {
    expect(rejection({ api_endpoint: given, ...options })).toBeUndefined()
  })

  it.each([
    'bj1.api.aliyunpds.com',
    'localhost:7171',
    '127.0.0.1:7171',
    '//bj1.api.aliyunpds.com',
    'undefined',
  ])('names the missing scheme of %s', (given) =>
    expect(rejection({ api_endpoint: given })).toContain('(received a string without https://)'),
  )

  it.each([
    'http://domain.localhost',
    'http://localhost.',
    'http://[::ffff:127.0.0.1]',
    'http://0.0.0.0',
    'http://127.0.0.1.test',
    'http://10.0.0.1',
  ])('does not take %s for this machine', (given) => {
    expect(rejection({ api_endpoint: given })).toContain('secrets are sent over https: only')
  })

  it('accepts the id of a domain in place of its endpoint', () => {
    expect(createTransport({ domain_id: 'bj1' })).toMatchObject({ api_endpoint, auth_endpoint: api_endpoint })
    expect(createTransport({ domain_id: 'BJ1' }).api_endpoint).toBe(api_endpoint)
    const auth_endpoint = 'https://bj1.auth.aliyunpds.com'
    expect(createTransport({ domain_id: 'bj1', auth_endpoint })).toMatchObject({
      api_endpoint,
      auth_endpoint,
    })
    expect(createTransport({ domain_id: undefined, api_endpoint })).toMatchObject({ api_endpoint })
    expect(rejection({ domain_id: 'bj1', api_endpoint })).toBe(
      'domain_id and api_endpoint are exclusive: pass only one of them',
    )
  })

  it.each(['undefined', 'null', 'NaN'])('rejects the domain id %j, a value that is missing', (domain_id) => {
    expect(rejection({ domain_id })).toContain(`replace '${domain_id.toLowerCase()}' with your domain id`)
  })

  it.each([
    ['', 'an empty string'],
    ['{domain_id}', 'a string'],
    ['bj1.api.aliyunpds.com', 'a string'],
    ['bj1.evil.test/', 'a string'],
    ['https://bj1.api.aliyunpds.com', 'a string'],
    ['user:hunter2@bj1', 'a string'],
    ['-bj1', 'a string'],
    ['bj1\n', 'a string that ends with a line break'],
    [7, '7'],
    [null, 'null'],
  ])('rejects the domain id %j', (domain_id, received) => {
    expect(rejection({ domain_id })).toBe(
      `domain_id must be a domain id, for example bj1 (received ${received})`,
    )
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
