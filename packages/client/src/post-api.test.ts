import type { PDSError, TokenInfo } from '@pds/client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  createClient,
  emulator,
  failure,
  obtain,
  recorder,
  statuses,
  token,
} from './api-client.test-helper.ts'

describe('an API call', () => {
  it('sends the token of the option or of setToken', async () => {
    const client = createClient({ token_info: undefined })
    client.setToken(token)
    expect(await client.postAPI<{ user_id: string }>('/user/get')).toMatchObject({ user_id: 'user-1' })
    expect(client.token_info).toEqual(token)
    expect(await createClient().postAPI('/user/get', { user_id: undefined })).toMatchObject({ role: 'user' })
  })

  it('fails without a token and notifies the listeners', async () => {
    const client = createClient()
    client.removeToken()
    const received: PDSError[] = []
    client.on('error', (error) => received.push(error))
    const error = await failure(client.postAPI('/user/get'))
    expect(error).toMatchObject({ code: 'AccessTokenInvalid', outcome: 'not-sent' })
    expect(statuses()).toEqual([])
    expect(received).toEqual([error])
  })

  it('goes to its endpoint with a token or anonymously', async () => {
    const { fetch, headers } = recorder()
    const auth_endpoint = emulator.api_endpoint.replace('127.0.0.1', 'localhost')
    const client = createClient({ auth_endpoint, fetch })
    const results: string[] = []
    for (const [method, pathname] of [
      ['postAPI', '/user/get'],
      ['postAuth', '/user/get'],
      ['postAPIAnonymous', '/no/such'],
      ['postAuthAnonymous', '/no/such'],
    ] as const) {
      const error = await client[method](pathname, {}, { returnResponse: true }).catch((reason) => reason)
      results.push(error.request?.url ?? error.status)
    }
    expect(results).toEqual([200, 200, `${emulator.api_endpoint}/v2/no/such`, `${auth_endpoint}/v2/no/such`])
    const bearer = `Bearer ${token.access_token}`
    expect(headers.map(({ authorization }) => authorization)).toEqual([bearer, bearer, undefined, undefined])
  })

  it('returns the data or the whole response', async () => {
    const whole = await createClient().postAPI<TokenInfo, true>('/user/get', {}, { returnResponse: true })
    expect(whole).toMatchObject({ status: 200, data: { user_id: 'user-1' } })
    emulator.injectFault({ type: 'status', status: 204 })
    expect(await createClient().postAPI('/user/get')).toBeUndefined()
  })

  it.each([[null], ['user_id=1'], [[1]], [new URLSearchParams('a=1')], [new Map()]])(
    'rejects %j as data',
    async (data) => {
      await expect(createClient().postAPI('/user/get', data as unknown as object)).rejects.toMatchObject({
        code: 'InvalidParameter',
        message: expect.stringMatching(/^postAPI: data must be a plain object \(received .+\)$/),
      })
    },
  )

  it('sends the token to absolute URLs only at the endpoints', async () => {
    const client = createClient()
    const other = emulator.api_endpoint.replace('127.0.0.1', 'localhost')
    expect(await client.postAPI(`${emulator.api_endpoint}/v2/user/get`)).toMatchObject({ user_id: 'user-1' })
    await expect(client.postAPI(`${other}/v2/user/get`)).rejects.toMatchObject({
      code: 'InvalidParameter',
      outcome: 'not-sent',
      message: `postAPI: pathname has the origin ${other}, which no endpoint has: pass an authorization header to send a token there`,
    })
    await expect(client.postAPIAnonymous(`${other}/v2/user/get`)).rejects.toMatchObject({ status: 401 })
    const headers = { authorization: `Bearer ${token.access_token}` }
    expect(await client.postAPI(`${other}/v2/user/get`, {}, { headers })).toMatchObject({ user_id: 'user-1' })
    expect(statuses()).toEqual([200, 401, 200])
  })

  it('sends a credential in its headers instead of the client credential of that kind', async () => {
    const { fetch, headers } = recorder()
    const refresh_token_fun = vi.fn(obtain)
    const client = createClient({ fetch, refresh_token_fun, share_token: 'a-share' })
    const own = { headers: { Authorization: 'Bearer another' } }
    await expect(client.postAPI('/user/get', {}, own)).rejects.toMatchObject({ code: 'AccessTokenInvalid' })
    await client.postAPI('/user/get', {}, { headers: { 'X-Share-Token': 'another-share' } })
    expect(headers).toMatchObject([
      { authorization: 'Bearer another', 'x-share-token': 'a-share' },
      { authorization: `Bearer ${token.access_token}`, 'x-share-token': 'another-share' },
    ])
    expect(refresh_token_fun).not.toHaveBeenCalled()
  })

  it('needs no token with a token or a share token in its headers', async () => {
    const { fetch, headers } = recorder()
    const client = createClient({ fetch, token_info: undefined })
    const own = { headers: { authorization: `Bearer ${token.access_token}` } }
    expect(await client.postAPI('/user/get', {}, own)).toMatchObject({ user_id: 'user-1' })
    const share = { headers: { 'x-share-token': 'a-share' } }
    await expect(client.postAPI('/user/get', {}, share)).rejects.toMatchObject({ status: 401 })
    expect(headers[1]).not.toHaveProperty('authorization')
  })
})

describe('the option retryUnknown of the client', () => {
  const dropped = { type: 'drop', when: 'after', times: 1 } as const

  beforeEach(() => {
    // With full jitter of 0 there is no delay between attempts.
    vi.spyOn(Math, 'random').mockReturnValue(0)
  })

  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('retries API calls after a lost connection', async () => {
    emulator.injectFault({ ...dropped, path: '/v2/user/get', times: 2 })
    const client = createClient({ retryUnknown: true, retryCount: 10 })
    expect(await client.postAPI('/user/get')).toMatchObject({ user_id: 'user-1' })
    emulator.injectFault({ ...dropped, path: '/v2/user/get' })
    await expect(createClient().postAPI('/user/get')).rejects.toMatchObject({ code: 'NetworkError' })
  })

  it('spends no refresh token twice, neither in a token method nor in a call of its path', async () => {
    const client = createClient({ retryUnknown: true })
    const { refresh_token } = token
    const client_id = 'jwt-app'
    const body = { app_id: client_id, refresh_token, grant_type: 'refresh_token' }
    const uses = () => emulator.requests.filter(({ path }) => path === '/v2/account/token').length
    const before = uses()
    for (const spend of [
      () => client.refreshJwtToken({ client_id, refresh_token }),
      () => client.postAuthAnonymous('/account/token', body),
    ]) {
      emulator.injectFault({ ...dropped, path: '/v2/account/token' })
      await expect(spend()).rejects.toMatchObject({ code: 'NetworkError', outcome: 'unknown' })
    }
    expect(uses()).toBe(before + 2)
  })
})
