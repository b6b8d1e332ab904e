import { inspect } from 'node:util'
import * as authJwt from '@pds/auth-jwt'
import * as authOauth from '@pds/auth-oauth'
import {
  isPDSError,
  type PDSErrorListener as Listener,
  PDSClient,
  type PDSClientConfig,
  type PDSError,
} from '@pds/client'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

let emulator: RunningEmulator
let client: PDSClient

beforeAll(async () => {
  emulator = await startEmulator()
  client = new PDSClient({ api_endpoint: emulator.api_endpoint })
})

afterAll(() => emulator.close())

it('has a method for each token function of the flow packages that the vendor also has', () => {
  const functions = Object.keys({ ...authJwt, ...authOauth }).filter(
    (name) => name.includes('Token') && name !== 'revokeToken',
  )
  expect(Object.getOwnPropertyNames(PDSClient.prototype)).toEqual(expect.arrayContaining(functions))
  expect(functions).toHaveLength(5)
})

it('provides its transport for the functions', async () => {
  const { client_id, private_key_pem } = emulator.app('jwt')
  const key = { domain_id: emulator.domain_id, client_id, private_key_pem }
  const token = await authJwt.getServiceJwtToken(client.transport, key)
  expect(token.role).toBe('superadmin')
})

it('passes on the options of a call', async () => {
  const { client_id, private_key_pem } = emulator.app('jwt')
  const key = { domain_id: emulator.domain_id, client_id, private_key_pem }
  const signal = AbortSignal.abort()
  const refreshing = { client_id, refresh_token: 'r' }
  const oauth = { client_id: 'native-app', redirect_uri: 'http://127.0.0.1:3000/callback' }
  const calls = [
    client.getUserJwtToken({ ...key, user_id: 'user-1' }, { signal }),
    client.getServiceJwtToken(key, { signal }),
    client.refreshJwtToken(refreshing, { signal }),
    client.getTokenByCode({ ...oauth, code: 'c' }, { signal }),
    client.refreshToken({ ...oauth, refresh_token: 'r' }, { signal }),
  ]
  const aborted = { status: 'rejected', reason: { code: 'Aborted', outcome: 'not-sent' } }
  expect(await Promise.allSettled(calls)).toMatchObject(Array(5).fill(aborted))

  const response = await client.getServiceJwtToken(key, { returnResponse: true })
  expect(response).toMatchObject({ status: 200, data: { role: 'superadmin' } })
  expect(response.headers['x-ca-request-id']).toBe(emulator.requests.at(-1)?.requestId)
})

it('has the endpoints, the version and the path type of the vendor', () => {
  const { api_endpoint } = emulator
  expect(client).toMatchObject({
    api_endpoint,
    auth_endpoint: api_endpoint,
    version: 'v2',
    path_type: 'StandardMode',
  })
  const config = { api_endpoint: emulator.api_endpoint, version: '', path_type: 'StandardMode' } as const
  expect(new PDSClient(config)).toMatchObject({ version: '', path_type: 'StandardMode' })
})

describe('PDSClient rejects', () => {
  const api_endpoint = 'https://bj1.api.aliyunpds.com'

  it.each([
    ['no endpoint', {}, 'domain_id, api_endpoint or metadata is required'],
    [
      'a placeholder',
      { api_endpoint: 'https://{domain_id}.test' },
      "api_endpoint is https://{domain_id}.test: replace '{domain_id}' with",
    ],
    ['an invalid domain id', { domain_id: 'bj1.test' }, 'domain_id must be a domain id, '],
    [
      'an unknown option',
      { api_endpoint, tokenInfo: {} },
      'tokenInfo is not supported: did you mean token_info?',
    ],
    [
      'a string as the token',
      { api_endpoint, token_info: 'secret' },
      'token_info.access_token must be a non-empty string of visible ASCII characters (received undefined)',
    ],
    [
      'a token of another type',
      { api_endpoint, token_info: { access_token: 'a', token_type: 'DPoP' } },
      "token_info.token_type must be 'Bearer' (received a string)",
    ],
    [
      'a token with an invalid date',
      { api_endpoint, token_info: { access_token: 'a', expire_time: '?' } },
      'token_info.expire_time must be an ISO 8601 time (received a string)',
    ],
    [
      'an empty share token',
      { api_endpoint, share_token: '' },
      'share_token must be a non-empty string of visible ASCII characters (received an empty string)',
    ],
    [
      'a string as a function',
      { api_endpoint, refresh_token_fun: 'f' },
      'refresh_token_fun must be a function',
    ],
    [
      'a token that no header can carry',
      { api_endpoint, token_info: { access_token: 'canary\n' } },
      'token_info.access_token must be a non-empty string of visible ASCII characters (received a string that ends with a line break)',
    ],
    [
      'a refresh token that was read from a file',
      { api_endpoint, token_info: { access_token: 'a', refresh_token: 'canary\r\n' } },
      'token_info.refresh_token must be a non-empty string (received a string that ends with a line break)',
    ],
    [
      'a share token with whitespace',
      { api_endpoint, share_token: ' canary' },
      'share_token must be a non-empty string of visible ASCII characters (received a string that starts with whitespace)',
    ],
    ['another path type', { api_endpoint, path_type: 'HostingMode' }, "path_type must be 'StandardMode'"],
    [
      'verbose without a logger',
      { api_endpoint, verbose: true },
      'verbose requires a logger, for example console.debug',
    ],
  ])('%s', (_what, config, message) => {
    let error: unknown
    try {
      new PDSClient(config as PDSClientConfig)
    } catch (caught) {
      error = caught
    }
    expect(isPDSError(error) && error.code).toBe('InvalidParameter')
    expect((error as Error).message).toContain(`PDSClient: ${message}`)
    expect((error as Error).message).not.toContain('canary')
  })

  it('empty tokens and share tokens', () => {
    expect(() => client.setToken({ access_token: '' })).toThrow('setToken: token_info.access_token must be')
    expect(() => client.setToken({ access_token: 'a', refresh_token: 'r\n' })).toThrow(
      'setToken: token_info.refresh_token must be a non-empty string (received a string that ends with a line break)',
    )
    expect(() => client.setShareToken('')).toThrow('setShareToken: share_token must be a non-empty string')
    expect(client).toMatchObject({ token_info: undefined, share_token: undefined })
  })
})

it('keeps a copy of its token and does not reveal its secrets', async () => {
  const token_info = { access_token: 'canary-access', refresh_token: 'canary-refresh', user_id: 'user-1' }
  const holder = new PDSClient({
    api_endpoint: emulator.api_endpoint,
    token_info,
    share_token: 'canary-share',
  })
  token_info.user_id = 'another'
  expect(holder.token_info).toMatchObject({ access_token: 'canary-access', user_id: 'user-1' })
  expect(() => Object.assign(holder.token_info ?? {}, { access_token: 'another' })).toThrow(TypeError)
  const shown = inspect({ holder }, { depth: 20, showHidden: true, getters: true })
  expect(shown).toContain(`api_endpoint: '${emulator.api_endpoint}'`)
  expect(shown + JSON.stringify(holder)).not.toContain('canary')
  expect(inspect(holder)).toMatch(/^Object \[PDSClient\] \{\n {2}transport: \{/)
})

describe('the error event', () => {
  it('reaches each listener once for each failed call', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const received: PDSError[][] = [[], []]
    const [first, second] = received.map((errors) => (error: PDSError) => void errors.push(error)) as [
      Listener,
      Listener,
    ]
    const listening = new PDSClient({ api_endpoint: emulator.api_endpoint, retryCount: 1 })
    const broken = () => {
      throw new Error('a listener that fails')
    }
    listening.on('error', broken).on('error', first).on('error', second).on('error', second)
    emulator.injectFault({ type: 'status', status: 503, times: 2 })
    const refreshing = { client_id: 'jwt-app', refresh_token: 'r' }
    const errors = [await listening.refreshJwtToken(refreshing).catch((error) => error)]
    listening.off('error', first).off('error', broken)
    errors.push(await listening.postAPIAnonymous('/no/such').catch((error) => error))
    expect(received).toEqual([[errors[0]], errors])
    expect(errors).toMatchObject([{ status: 503 }, { code: 'I404NF' }])
    vi.restoreAllMocks()
  })

  it('is the only event', () => {
    expect(() => client.on('progress' as 'error', () => undefined)).toThrow("the only event is 'error'")
    expect(() => client.off('progress' as 'error')).toThrow("the only event is 'error'")
    expect(() => client.on('error', 'f' as unknown as () => void)).toThrow('the listener must be a function')
  })

  it('reaches no listener after off without a listener', async () => {
    const listener = vi.fn()
    const silent = new PDSClient({ api_endpoint: emulator.api_endpoint })
    silent
      .on('error', listener)
      .on('error', () => listener())
      .off('error')
    await silent.postAPIAnonymous('/no/such').catch(() => undefined)
    expect(listener).not.toHaveBeenCalled()
  })

  it('follows the beforeError hook', async () => {
    const order: string[] = []
    const hooked = new PDSClient({
      api_endpoint: emulator.api_endpoint,
      hooks: { beforeError: () => void order.push('hook') },
    })
    hooked.on('error', () => void order.push('event'))
    await expect(hooked.postAPIAnonymous('/no/such')).rejects.toMatchObject({ status: 404 })
    expect(order).toEqual(['hook', 'event'])
  })
})

describe('verbose', () => {
  it('writes each step to the logger without secrets', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const lines: unknown[][] = []
    const logging = new PDSClient({
      api_endpoint: emulator.api_endpoint,
      token_info: { access_token: 'canary-access' },
      verbose: true,
      logger: (...line) => void lines.push(line),
    })
    emulator.injectFault({ type: 'throttle' })
    await logging.postAPI('/user/get', { secret_note: 'canary-note' }).catch(() => undefined)
    const url = `${emulator.api_endpoint}/v2/user/get`
    expect(lines.map(([line]) => String(line).replace(/\d+ ms$/, 'N ms'))).toEqual([
      `PDS: POST ${url}, attempt 1`,
      `PDS: ${url} responded 429 in N ms`,
      expect.stringMatching(/^PDS: retry in 0 ms: This fault was injected\. \[status: 429\]/),
      `PDS: POST ${url}, attempt 2`,
      `PDS: ${url} responded 401 in N ms`,
      expect.stringMatching(/^PDS: failed: .* \[status: 401\]/),
    ])
    expect(inspect(lines, { depth: 20 })).not.toContain('canary')
    vi.restoreAllMocks()
  })

  it('is off by default', async () => {
    const logger = vi.fn()
    const quiet = new PDSClient({ api_endpoint: emulator.api_endpoint, logger })
    await quiet.postAPIAnonymous('/no/such').catch(() => undefined)
    expect(logger).not.toHaveBeenCalled()
  })
})
