import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { PDSClient, type PDSClientConfig } from '@pds/client'
import { type IPDSRequestConfig, isPDSError, type PDSFetch } from '@pds/core'
import type { Fault } from '@pds/emulator'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Canaries } from './faults/canaries.ts'
import { type PreparedCall, startTestDomain, type TestDomain } from './faults/methods.ts'
import { ObservedClient } from './faults/observed-client.ts'

/*
 * Every failure outside of the fault matrix, with a secret in every input. No secret may appear in the error, the
 * hooks, the log or the events.
 */

let domain: TestDomain
let echo: Server
let echo_endpoint: string

/** The responses of the echo server: they repeat the whole request, in the format that the path names. */
const echoes: Record<string, (requestText: string) => { status: number; body: string; type?: string }> = {
  json: (text) => ({
    status: 400,
    body: JSON.stringify({ code: `Echo`, message: text, token: text, [text]: 1 }),
  }),
  codes: (text) => ({ status: 403, body: JSON.stringify({ Code: text, Message: 'm', RequestId: text }) }),
  html: (text) => ({ status: 502, body: `<html><title>${text}</title></html>`, type: 'text/html' }),
  xml: (text) => ({ status: 404, body: `<Error><Code>${text}</Code><Message>${text}</Message></Error>` }),
  percents: (text) => ({ status: 400, body: JSON.stringify({ code: 'Echo', message: lowerCaseUri(text) }) }),
  escapes: (text) => ({
    status: 400,
    body: JSON.stringify({ code: 'Echo', message: JSON.stringify({ text }) }),
  }),
  entities: (text) => ({
    status: 502,
    body: `<h1>${text.replaceAll(/[^\w ]/g, entity)}</h1>`,
    type: 'text/html',
  }),
  changed: (text) => ({
    status: 400,
    body: JSON.stringify({ code: text.slice(0, 999).toUpperCase(), message: text.split('').join(' ') }),
  }),
  base64: (text) => ({
    status: 401,
    body: JSON.stringify({ error: 'Echo', error_description: Buffer.from(text).toString('base64') }),
  }),
  truncated: (text) => ({ status: 400, body: `{"code":"Echo","message":${JSON.stringify(text)},"more":"` }),
  nested: (text) => ({
    status: 400,
    body: JSON.stringify({ code: 'Echo', data: { [text]: [text] }, details: text, message: { text } }),
  }),
  text: (text) => ({ status: 200, body: text, type: 'text/plain' }),
  token: (text) => ({ status: 200, body: JSON.stringify({ access_token: 7, refresh_token: text, text }) }),
  list: (text) => ({ status: 200, body: JSON.stringify([text]) }),
}

const lowerCaseUri = (text: string) =>
  encodeURIComponent(text).replaceAll(/%../g, (octet) => octet.toLowerCase())
const entity = (character: string) => `&#x${character.charCodeAt(0).toString(16)};`

async function textOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += chunk
  // Raw and decoded, on one line because it also goes into a header.
  const decoded = new URLSearchParams(body).toString() === body ? [...new URLSearchParams(body).values()] : []
  return [request.url, ...request.rawHeaders, body, ...decoded].join(' ').replaceAll(/[^\x20-\x7e]/g, ' ')
}

beforeAll(async () => {
  domain = await startTestDomain()
  echo = createServer(async (request, response) => {
    const [, form = ''] = request.url?.split('/') ?? []
    const text = await textOf(request)
    const { status, body, type = 'application/json' } = echoes[form]?.(text) ?? { status: 500, body: '' }
    const headers = {
      'content-type': type,
      'x-echo': text,
      'x-ca-error-message': text,
      'set-cookie': `a=${text}`,
    }
    response.writeHead(status, headers).end(body)
  })
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  echo_endpoint = `http://127.0.0.1:${(echo.address() as AddressInfo).port}`
})

beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
})

afterEach(async () => {
  vi.restoreAllMocks()
  await domain.settle()
})

afterAll(async () => {
  echo.close()
  await domain.emulator.close()
})

interface FailurePath {
  code: string | RegExp
  config?: Partial<PDSClientConfig>
  options?: IPDSRequestConfig
  fault?: Fault
}

const forever = new Promise<never>(() => undefined)
const thrower = () => {
  throw new Error('a hook or logger threw')
}

const paths: Record<string, () => FailurePath> = {
  'aborted before sending': () => ({ code: 'Aborted', options: { signal: AbortSignal.abort() } }),
  'aborted while connecting': () => {
    const controller = new AbortController()
    const fetch: PDSFetch = () => {
      controller.abort('canary reason')
      return forever
    }
    return { code: 'Aborted', config: { fetch }, options: { signal: controller.signal } }
  },
  'aborted between attempts': () => {
    const controller = new AbortController()
    const hooks = { beforeRetry: () => controller.abort() }
    const fault = { type: 'throttle', retryAfter: 30 } as const
    return { code: 'Aborted', config: { hooks }, options: { signal: controller.signal }, fault }
  },
  'aborted while reading the response': () => {
    const controller = new AbortController()
    const send: PDSFetch = async (url, init) => {
      const response = await fetch(url, init)
      controller.abort()
      return response
    }
    return { code: 'Aborted', config: { fetch: send }, options: { signal: controller.signal } }
  },
  'timed out': () => ({
    code: 'Timeout',
    options: { totalTimeout: 20 },
    config: { fetch: () => forever },
  }),
  'rejected by the service, with hooks and a logger that throw': () => ({
    code: 'Forbidden',
    config: {
      hooks: { beforeRequest: thrower, afterResponse: thrower, beforeError: thrower },
      logger: thrower,
    },
    fault: { type: 'status', status: 403 },
  }),
  'with a fetch whose error contains the request': () => ({
    code: 'NetworkError',
    options: { retryCount: 1 },
    config: {
      fetch: async (url, init) => {
        throw Object.assign(new TypeError(`fetch failed: ${url} ${init.body}`), { init, cause: { init } })
      },
    },
  }),
  'with a fetch whose error cannot be read': () => ({
    code: 'NetworkError',
    config: {
      fetch: async (_url, init) => {
        const fail = () => {
          throw init
        }
        throw new Proxy(new TypeError('fetch failed'), new Proxy({}, { get: () => fail }))
      },
    },
  }),
  'with a fetch that throws the request': () => ({
    code: 'NetworkError',
    config: { fetch: (_url, init) => Promise.reject(init.body) },
  }),
  'with an invalid header name': () => ({
    code: 'InvalidParameter',
    options: { headers: { 'a b': 'canary-Wq3fZ8vN1kTs' } },
  }),
  'with an unknown option': () => ({
    code: 'InvalidParameter',
    options: { httpsAgent: 'canary-Wq3fZ8vN1kTs' } as object,
  }),
}
for (const form of Object.keys(echoes)) {
  paths[`with a response that echoes the request, as ${form}`] = () => ({
    code: /./,
    config: { api_endpoint: `${echo_endpoint}/${form}` },
  })
}

const names = [
  'getUserJwtToken',
  'getServiceJwtToken',
  'refreshJwtToken',
  'getTokenByCode',
  'refreshToken',
  'postAPI',
] as const

describe.each(names)('%s exposes no secret', (name) => {
  it.each(Object.entries(paths))('%s', async (description, makePath) => {
    const { code, config, options, fault } = makePath()
    const call = await (domain.methods[name] as () => Promise<PreparedCall>)()
    if (fault) domain.emulator.injectFault(fault)
    const observed = new ObservedClient(domain, call, { retryCount: 1, ...config })
    const error = await observed.make(call, options)
    // postAPI accepts any JSON as a response.
    const isSuccess = name === 'postAPI' && /as (token|list)$/.test(description)
    if (isSuccess) expect(error).toBeUndefined()
    else expect(isPDSError(error) && error.code).toMatch(code)
    expect(observed.leaks()).toEqual([])
  })
})

describe('the error for an invalid parameter does not contain its value', () => {
  const pem = '-----BEGIN PRIVATE KEY-----\ncuckoo\n-----END PRIVATE KEY-----'
  const jwt = { domain_id: 'd', client_id: 'c', user_id: 'u' }
  const web = { client_id: 'c', redirect_uri: 'cuckoo://r' }
  const cases: [keyof PDSClient, object][] = [
    ['getUserJwtToken', { ...jwt, private_key_pem: pem }],
    ['getUserJwtToken', { ...jwt, private_key_pem: 'cuckoo' }],
    ['getUserJwtToken', { ...jwt, private_key_pem: { cuckoo: 'cuckoo' } }],
    ['getUserJwtToken', { ...jwt, private_key_pem: 'cuckoo', private_Key_pem: 'cuckoo too' }],
    ['getUserJwtToken', { ...jwt, private_key: 'cuckoo' }],
    ['getUserJwtToken', { ...jwt, signer: 'cuckoo' }],
    ['getUserJwtToken', { ...jwt, private_key_pem: pem, passphrase: ['cuckoo'] }],
    ['getServiceJwtToken', { ...jwt, private_key_pem: pem, passphrase: 'cuckoo' }],
    ['refreshJwtToken', { client_id: 'c', refresh_token: { cuckoo: 'cuckoo' } }],
    ['refreshJwtToken', { client_id: ['cuckoo'], refresh_token: 'cuckoo' }],
    ['getTokenByCode', { ...web, code: ['cuckoo'] }],
    ['getTokenByCode', { ...web, code: 'cuckoo', code_verifier: { cuckoo: 1 } }],
    ['getTokenByCode', { ...web, code: 'cuckoo', redirect_url: 'cuckoo://s' }],
    ['refreshToken', { ...web, client_secret: { cuckoo: 1 }, refresh_token: 'cuckoo' }],
    ['refreshToken', { ...web, refresh_token: '', client_secret: 'cuckoo' }],
    ['setToken', { token: 'cuckoo' }],
    ['setToken', { access_token: 'cuckoo', expire_time: 'cuckoo' }],
  ]

  it.each(cases)('%s(%j)', async (method, params) => {
    const client = new PDSClient({ api_endpoint: domain.emulator.api_endpoint })
    const call = async () => (client[method] as (params: object) => unknown)(params)
    const error = await call().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'PDSError', code: 'InvalidParameter', outcome: 'not-sent' })
    expect(inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error)).not.toContain('cuckoo')
  })
})

it('Canaries finds a secret in every kind of value', () => {
  const secret = 'canary Xr9d K3pz/+'
  const canaries = new Canaries()
  canaries.add(secret)
  const hidden = Object.defineProperty(new Error('x', { cause: [{ deep: { er: secret } }] }), 'y', {
    value: 1,
  })
  const carriers: unknown[] = [
    secret,
    new Error(secret),
    hidden,
    Object.defineProperty({}, 'hidden', { value: secret }),
    new Map([['a', new Set([secret])]]),
    { [Symbol('s')]: secret },
    { toJSON: () => secret },
    {
      get late() {
        return secret
      },
    },
    [`token=${encodeURIComponent(secret)}`],
    `${new URLSearchParams({ secret })}`,
    Buffer.from(secret).toString('base64'),
    secret.toUpperCase().split('').join('\u200b'),
    `${secret.slice(3, 13)}…`,
    'eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9',
  ]
  for (const carrier of carriers) expect(canaries.in({ carrier }), inspect(carrier)).not.toEqual([])
  expect(canaries.in({ plain: ['nothing', 'canary', 'Xr9dK3p'] })).toEqual([])
})
