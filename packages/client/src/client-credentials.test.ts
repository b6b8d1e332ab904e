import { inspect } from 'node:util'
import { type ITokenInfo, PDSClient, type PDSClientConfig, PDSError, type TokenInfo } from '@pds/client'
import type { PDSFetchInit } from '@pds/core'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'

/* Calls of the API against the emulator, whose log says what was sent. */

const twoHours = 7_200_000
const invalidToken = {
  type: 'status',
  status: 401,
  code: 'AccessTokenInvalid',
  path: '/v2/user/get',
} as const
let emulator: RunningEmulator
let token: ITokenInfo
let plain: PDSClient
let calls: number

beforeAll(async () => {
  emulator = await startEmulator()
  plain = new PDSClient({ api_endpoint: emulator.api_endpoint })
})

beforeEach(async () => {
  token = await obtain()
  calls = emulator.requests.length
})

afterEach(() => emulator.clearFaults())

afterAll(() => emulator.close())

function obtain(): Promise<ITokenInfo> {
  const { client_id, private_key_pem = '' } = emulator.app('jwt')
  return plain.getUserJwtToken({ domain_id: 'local', client_id, private_key_pem, user_id: 'user-1' })
}

const refresh = (spent: TokenInfo) =>
  plain.refreshJwtToken({ client_id: 'jwt-app', refresh_token: spent.refresh_token ?? '' })

function createClient(config: Partial<PDSClientConfig> = {}): PDSClient {
  return new PDSClient({ api_endpoint: emulator.api_endpoint, token_info: token, ...config })
}

/** The calls of the API since the test began, as their statuses. */
const statuses = () =>
  emulator.requests.slice(calls).flatMap(({ path, status }) => (path === '/v2/user/get' ? [status] : []))

async function failure(call: Promise<unknown>): Promise<PDSError> {
  const reason: unknown = await call.then(
    () => expect.fail('the call succeeded'),
    (error) => error,
  )
  expect(reason).toBeInstanceOf(PDSError)
  return reason as PDSError
}

/** A promise that the test resolves. */
function deferred<T>(): { promise: Promise<T>; resolve(value: T): void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

/** A fetch that keeps the headers it is called with. */
function recorder() {
  const headers: PDSFetchInit['headers'][] = []
  return {
    headers,
    fetch: (url: string, init: PDSFetchInit) => {
      headers.push(init.headers)
      return fetch(url, init)
    },
  }
}

describe('a call of the API', () => {
  it('carries the token that was given or set', async () => {
    const client = createClient({ token_info: undefined })
    client.setToken(token)
    expect(await client.postAPI<{ user_id: string }>('/user/get')).toMatchObject({ user_id: 'user-1' })
    expect(client.token_info).toEqual(token)
    expect(await createClient().postAPI('/user/get', { user_id: undefined })).toMatchObject({ role: 'user' })
  })

  it('is not sent without a token, and says so to the listeners', async () => {
    const client = createClient()
    client.removeToken()
    const heard: PDSError[] = []
    client.on('error', (error) => heard.push(error))
    const error = await failure(client.postAPI('/user/get'))
    expect(error).toMatchObject({ code: 'AccessTokenInvalid', outcome: 'not-sent' })
    expect(statuses()).toEqual([])
    expect(heard).toEqual([error])
  })

  it('goes to the endpoint of its kind, with a token or anonymously', async () => {
    const { fetch, headers } = recorder()
    const auth_endpoint = emulator.api_endpoint.replace('127.0.0.1', 'localhost')
    const client = createClient({ auth_endpoint, fetch })
    const asked: string[] = []
    for (const [method, pathname] of [
      ['postAPI', '/user/get'],
      ['postAuth', '/user/get'],
      ['postAPIAnonymous', '/no/such'],
      ['postAuthAnonymous', '/no/such'],
    ] as const) {
      const error = await client[method](pathname, {}, { returnResponse: true }).catch((reason) => reason)
      asked.push(error.request?.url ?? error.status)
    }
    expect(asked).toEqual([200, 200, `${emulator.api_endpoint}/v2/no/such`, `${auth_endpoint}/v2/no/such`])
    const bearer = `Bearer ${token.access_token}`
    expect(headers.map(({ authorization }) => authorization)).toEqual([bearer, bearer, undefined, undefined])
  })

  it('returns the data, or the whole response', async () => {
    const whole = await createClient().postAPI<TokenInfo, true>('/user/get', {}, { returnResponse: true })
    expect(whole).toMatchObject({ status: 200, data: { user_id: 'user-1' } })
    emulator.injectFault({ type: 'status', status: 204 })
    expect(await createClient().postAPI('/user/get')).toBeUndefined()
  })

  it.each([[null], ['user_id=1'], [[1]]])('with %j for data is refused', async (data) => {
    await expect(createClient().postAPI('/user/get', data as unknown as object)).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: 'the data must be an object',
    })
  })

  it('with a full address keeps its token at the endpoints', async () => {
    const client = createClient()
    const other = emulator.api_endpoint.replace('127.0.0.1', 'localhost')
    expect(await client.postAPI(`${emulator.api_endpoint}/v2/user/get`)).toMatchObject({ user_id: 'user-1' })
    await expect(client.postAPI(`${other}/v2/user/get`)).rejects.toMatchObject({
      code: 'InvalidParameter',
      outcome: 'not-sent',
      message: `the pathname is at ${other}, which is none of the endpoints: give the call's headers a credential for it`,
    })
    await expect(client.postAPIAnonymous(`${other}/v2/user/get`)).rejects.toMatchObject({ status: 401 })
    const headers = { authorization: `Bearer ${token.access_token}` }
    expect(await client.postAPI(`${other}/v2/user/get`, {}, { headers })).toMatchObject({ user_id: 'user-1' })
    expect(statuses()).toEqual([200, 401, 200])
  })

  it('with a credential of its own is sent with that alone', async () => {
    const { fetch, headers } = recorder()
    const refresh_token_fun = vi.fn(obtain)
    const client = createClient({ fetch, refresh_token_fun, share_token: 'a share' })
    const own = { headers: { Authorization: 'Bearer another' } }
    await expect(client.postAPI('/user/get', {}, own)).rejects.toMatchObject({ code: 'AccessTokenInvalid' })
    const ownShare = { headers: { 'X-Share-Token': 'another share' } }
    await expect(client.postAPI('/user/get', {}, ownShare)).rejects.toMatchObject({ status: 401 })
    expect(headers).toMatchObject([{ authorization: 'Bearer another' }, { 'x-share-token': 'another share' }])
    expect(headers[0]).not.toHaveProperty('x-share-token')
    expect(headers[1]).not.toHaveProperty('authorization')
    expect(refresh_token_fun).not.toHaveBeenCalled()
  })
})

describe('a token that has expired', () => {
  it('is renewed once before the calls that wait for it', async () => {
    const refresh_token_fun = vi.fn(() => refresh(token))
    const client = createClient({ refresh_token_fun, clock: () => emulator.clock.now() })
    emulator.clock.advance(twoHours)
    const answers = await Promise.all(Array.from({ length: 200 }, () => client.postAPI('/user/get')))
    expect(answers).toHaveLength(200)
    expect(refresh_token_fun).toHaveBeenCalledTimes(1)
    expect(statuses()).toEqual(Array(200).fill(200))
    expect(client.token_info?.access_token).not.toBe(token.access_token)
  })

  it('is sent where it cannot be renewed: the service decides', async () => {
    const client = createClient({ clock: () => emulator.clock.now() + twoHours })
    expect(await client.postAPI('/user/get')).toMatchObject({ user_id: 'user-1' })
  })

  it.each([
    ['where answers tell the time', true],
    ['where no answer tells the time', false],
  ])('by a clock that is 3 hours fast is renewed once, %s', async (_what, withDate) => {
    const refresh_token_fun = vi.fn(() => refresh(token))
    const client = createClient({
      refresh_token_fun,
      clock: () => emulator.clock.now() + 3 * 3_600_000,
      fetch: async (url, init) => {
        const response = await fetch(url, init)
        const headers = new Headers(response.headers)
        if (!withDate) headers.delete('date')
        return new Response(response.body, { status: response.status, headers })
      },
    })
    for (let call = 0; call < 5; call++) await client.postAPI('/user/get')
    expect(refresh_token_fun).toHaveBeenCalledTimes(1)
  })

  it('by a clock that is 3 hours slow is renewed when it is refused', async () => {
    const refresh_token_fun = vi.fn(() => refresh(token))
    const client = createClient({ refresh_token_fun, clock: () => emulator.clock.now() - 3 * 3_600_000 })
    emulator.clock.advance(twoHours)
    await client.postAPI('/user/get')
    expect(statuses()).toEqual([401, 200])
  })
})

describe('a token that is refused', () => {
  it('is renewed once, and each call sent once more', async () => {
    await refresh(token)
    const refresh_token_fun = vi.fn(obtain)
    const client = createClient({ refresh_token_fun })
    const answers = await Promise.all(Array.from({ length: 200 }, () => client.postAPI('/user/get')))
    expect(answers).toHaveLength(200)
    expect(refresh_token_fun).toHaveBeenCalledTimes(1)
    expect(statuses().filter((status) => status === 200)).toHaveLength(200)
  })

  it('is replaced by one that was set meanwhile, without a refresh', async () => {
    const next = await refresh(token)
    const refresh_token_fun = vi.fn(obtain)
    const client = createClient({
      refresh_token_fun,
      fetch: (url, init) => {
        client.setToken(next)
        return fetch(url, init)
      },
    })
    expect(await client.postAPI('/user/get')).toMatchObject({ user_id: 'user-1' })
    expect(refresh_token_fun).not.toHaveBeenCalled()
    expect(statuses()).toEqual([401, 200])
  })

  it('is TokenExpired where it cannot be renewed', async () => {
    await refresh(token)
    const error = await failure(createClient().postAPI('/user/get'))
    const reqId = emulator.requests.at(-1)?.requestId
    expect(error).toMatchObject({ code: 'TokenExpired', status: 401, outcome: 'answered', reqId })
    expect(error.message).toMatch(/refresh_token_fun \[status: 401\] \[code: TokenExpired\] \[reqId: .*\]$/)
    expect(statuses()).toEqual([401])
  })

  it('by a server that always does so is sent twice, and renewed once', async () => {
    emulator.injectFault({ ...invalidToken, times: 100 })
    const refresh_token_fun = vi.fn(obtain)
    const refused = createClient({ refresh_token_fun, retryCount: 10 }).postAPI('/user/get')
    await expect(refused).rejects.toMatchObject({ code: 'AccessTokenInvalid', status: 401 })
    expect(refresh_token_fun).toHaveBeenCalledTimes(1)
    expect(statuses()).toEqual([401, 401])
  })

  it('for another reason is not renewed', async () => {
    emulator.injectFault({ ...invalidToken, code: 'UserDisabled' })
    const refresh_token_fun = vi.fn(obtain)
    const refused = createClient({ refresh_token_fun }).postAPI('/user/get')
    await expect(refused).rejects.toMatchObject({ code: 'UserDisabled' })
    expect(refresh_token_fun).not.toHaveBeenCalled()
  })

  it('leaves the other attempts to failures of another kind', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const client = createClient({ refresh_token_fun: obtain, retryCount: 2 })
    emulator.injectFault({ type: 'throttle', path: '/v2/user/get' })
    emulator.injectFault(invalidToken)
    emulator.injectFault({ type: 'throttle', path: '/v2/user/get' })
    await client.postAPI('/user/get')
    expect(statuses()).toEqual([429, 401, 429, 200])
    vi.restoreAllMocks()
  })
})

describe('a token that is removed', () => {
  it('stays so, whatever was in flight', async () => {
    const refreshed = deferred<TokenInfo>()
    const begun = deferred<void>()
    const client = createClient({
      refresh_token_fun: () => {
        begun.resolve()
        return refreshed.promise
      },
    })
    const next = await refresh(token)
    const call = client.postAPI('/user/get')
    await begun.promise
    client.removeToken()
    refreshed.resolve(next)
    await expect(call).rejects.toMatchObject({ code: 'AccessTokenInvalid', status: 401 })
    expect(client.token_info).toBeUndefined()
    expect(statuses()).toEqual([401])
  })
})

describe('a refresh that fails', () => {
  beforeEach(() => refresh(token))

  it('is RefreshFailed with the PDSError that it failed with', async () => {
    const client = createClient({ refresh_token_fun: () => refresh(token) })
    const error = await failure(client.postAPI('/user/get'))
    expect(error).toMatchObject({ code: 'RefreshFailed', outcome: 'answered' })
    expect(error.cause).toMatchObject({ code: 'InvalidParameter.RefreshToken', status: 400 })
    expect(client.token_info).toEqual(token)
  })

  it('tells nothing secret of another error', async () => {
    const { access_token, refresh_token = '' } = token
    const client = createClient({
      refresh_token_fun: () => {
        throw Object.assign(new Error(`no luck with ${refresh_token}`), { config: { access_token } })
      },
    })
    const error = await failure(client.postAPI('/user/get'))
    expect(error.cause).toMatchObject({ message: 'no luck with ***' })
    const shown = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error)
    expect(shown).not.toContain(refresh_token)
    expect(shown).not.toContain(access_token)
  })

  it.each([
    [undefined],
    ['a token'],
    [{}],
    [{ access_token: '' }],
    [{ access_token: 'a', expire_time: 'soon' }],
  ])('is one that gives %j', async (given) => {
    const client = createClient({ refresh_token_fun: () => given as unknown as TokenInfo })
    await expect(client.postAPI('/user/get')).rejects.toMatchObject({
      code: 'RefreshFailed',
      message: expect.stringContaining('refresh_token_fun must give a token: an object with an access_token'),
    })
    expect(client.token_info).toEqual(token)
  })

  it('is tried anew by the next call', async () => {
    const refresh_token_fun = vi.fn(obtain).mockRejectedValueOnce(new Error('offline'))
    const client = createClient({ refresh_token_fun })
    await expect(client.postAPI('/user/get')).rejects.toMatchObject({ code: 'RefreshFailed' })
    await expect(client.postAPI('/user/get')).resolves.toMatchObject({ user_id: 'user-1' })
  })

  it('is one that waits for itself, until the time of the call is over', async () => {
    const client = createClient({
      refresh_token_fun: async () => client.postAPI<TokenInfo>('/user/get', {}, { totalTimeout: 100 }),
    })
    await expect(client.postAPI('/user/get')).rejects.toMatchObject({
      code: 'RefreshFailed',
      cause: { code: 'Timeout', outcome: 'answered' },
    })
  })

  it('does not hold a call that is aborted, nor does that end it for others', async () => {
    const refreshed = deferred<TokenInfo>()
    const controller = new AbortController()
    const begun = deferred<void>()
    const client = createClient({
      refresh_token_fun: () => {
        begun.resolve()
        return refreshed.promise
      },
    })
    const aborted = client.postAPI('/user/get', {}, { signal: controller.signal })
    const patient = client.postAPI('/user/get')
    await begun.promise
    controller.abort()
    await expect(aborted).rejects.toMatchObject({ code: 'Aborted' })
    refreshed.resolve(await obtain())
    await expect(patient).resolves.toMatchObject({ user_id: 'user-1' })
  })
})

describe('a share token', () => {
  const invalidShare = { ...invalidToken, code: 'ShareLinkTokenInvalid' } as const
  // The emulator has no share links: what it is told to answer stands in for them.
  const shared = { type: 'status', status: 200, path: '/v2/user/get' } as const

  it('is sent in place of the token until it is removed', async () => {
    const { fetch, headers } = recorder()
    const client = createClient({ fetch })
    client.setShareToken('a share')
    emulator.injectFault(shared)
    await client.postAPI('/user/get')
    expect(client.share_token).toBe('a share')
    client.removeShareToken()
    await client.postAPI('/user/get')
    expect(headers[0]).toMatchObject({ 'x-share-token': 'a share' })
    expect(headers[0]).not.toHaveProperty('authorization')
    expect(headers[1]).toMatchObject({ authorization: `Bearer ${token.access_token}` })
    expect(headers[1]).not.toHaveProperty('x-share-token')
  })

  it('that is refused is renewed once', async () => {
    const { fetch, headers } = recorder()
    const refresh_share_token_fun = vi.fn(async () => 'next share')
    const refresh_token_fun = vi.fn(obtain)
    const config = { share_token: 'a share', refresh_share_token_fun, refresh_token_fun, fetch }
    const client = createClient(config)
    emulator.injectFault({ ...invalidShare, times: 2 })
    emulator.injectFault({ ...shared, times: 2 })
    await Promise.all([client.postAPI('/user/get'), client.postAPI('/user/get')])
    expect(headers.map((sent) => sent['x-share-token'])).toEqual([
      'a share',
      'a share',
      'next share',
      'next share',
    ])
    expect(refresh_share_token_fun).toHaveBeenCalledTimes(1)
    expect(refresh_token_fun).not.toHaveBeenCalled()
    expect(client.share_token).toBe('next share')
  })

  it('that is refused and cannot be renewed is an error, as the service says it', async () => {
    emulator.injectFault(invalidShare)
    const refused = createClient({ share_token: 'a share' }).postAPI('/user/get')
    await expect(refused).rejects.toMatchObject({ code: 'ShareLinkTokenInvalid', status: 401 })
    expect(statuses()).toEqual([401])
  })

  it('that is renewed to none is an error', async () => {
    emulator.injectFault(invalidShare)
    const config = { share_token: 'a share', refresh_share_token_fun: () => '' }
    await expect(createClient(config).postAPI('/user/get')).rejects.toMatchObject({
      code: 'RefreshFailed',
      message: 'refresh_share_token_fun must give a non-empty string',
    })
  })

  it('that is removed while it is renewed is not sent again', async () => {
    emulator.injectFault(invalidShare)
    const client = createClient({
      share_token: 'a share',
      refresh_share_token_fun: () => {
        client.removeShareToken()
        return 'next share'
      },
    })
    await expect(client.postAPI('/user/get')).rejects.toMatchObject({ code: 'ShareLinkTokenInvalid' })
    expect(client.share_token).toBeUndefined()
  })
})
