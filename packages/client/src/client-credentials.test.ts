import { setImmediate } from 'node:timers/promises'
import type { TokenInfo } from '@pds/client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  createClient,
  deferred,
  emulator,
  failure,
  invalidToken,
  obtain,
  recorder,
  refresh,
  statuses,
  token,
} from './api-client.test-helper.ts'

const twoHours = 7_200_000

describe('an expired token', () => {
  it('is renewed once for the calls that wait for it', async () => {
    const refresh_token_fun = vi.fn(() => refresh(token))
    const client = createClient({ refresh_token_fun, clock: () => emulator.clock.now() })
    emulator.clock.advance(twoHours)
    const responses = await Promise.all(Array.from({ length: 200 }, () => client.postAPI('/user/get')))
    expect(responses).toHaveLength(200)
    expect(refresh_token_fun).toHaveBeenCalledTimes(1)
    expect(statuses()).toEqual(Array(200).fill(200))
    expect(client.token_info?.access_token).not.toBe(token.access_token)
  })

  it('is sent if it cannot be renewed, so that the service decides', async () => {
    const client = createClient({ clock: () => emulator.clock.now() + twoHours })
    expect(await client.postAPI('/user/get')).toMatchObject({ user_id: 'user-1' })
  })

  it.each([
    ['with', true],
    ['without', false],
  ])('is renewed once with a clock that is 3 hours fast and responses %s a date', async (_what, withDate) => {
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

  it('is renewed once with a fast clock and tokens without expires_in', async () => {
    const refresh_token_fun = vi.fn(async () => {
      const { access_token, refresh_token, expire_time } = await refresh(token)
      return { access_token, refresh_token, expire_time }
    })
    const client = createClient({
      refresh_token_fun,
      clock: () => emulator.clock.now() + 3 * 3_600_000,
      fetch: async (url, init) => new Response((await fetch(url, init)).body),
    })
    for (let call = 0; call < 5; call++) await client.postAPI('/user/get')
    expect(refresh_token_fun).toHaveBeenCalledTimes(1)
  })

  it('is renewed after its rejection with a clock that is 3 hours slow', async () => {
    const refresh_token_fun = vi.fn(() => refresh(token))
    const client = createClient({ refresh_token_fun, clock: () => emulator.clock.now() - 3 * 3_600_000 })
    emulator.clock.advance(twoHours)
    await client.postAPI('/user/get')
    expect(statuses()).toEqual([401, 200])
  })
})

describe('a token that expires soon', () => {
  // Without jitter, the background renewal starts 10 minutes before the token expires.
  beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0))
  afterEach(() => void vi.restoreAllMocks())

  it('is renewed in the background, once, while calls use it', async () => {
    const refreshed = deferred<TokenInfo>()
    const refresh_token_fun = vi.fn(() => refreshed.promise)
    const client = createClient({ refresh_token_fun, clock: () => emulator.clock.now() })
    emulator.clock.advance(twoHours - 660_000)
    await client.postAPI('/user/get')
    expect(refresh_token_fun).not.toHaveBeenCalled()
    emulator.clock.advance(120_000)
    for (let call = 0; call < 5; call++) await client.postAPI('/user/get')
    expect(refresh_token_fun).toHaveBeenCalledTimes(1)
    expect(client.token_info).toEqual(token)
    const next = await refresh(token)
    refreshed.resolve(next)
    await setImmediate()
    expect(client.token_info).toEqual(next)
    await client.postAPI('/user/get')
    expect(refresh_token_fun).toHaveBeenCalledTimes(1)
    expect(statuses()).toEqual(Array(7).fill(200))
  })

  it('is used until it expires if its renewal in the background fails, without an error event', async () => {
    const refresh_token_fun = vi.fn(() => Promise.reject(new Error('offline')))
    const client = createClient({ refresh_token_fun, clock: () => emulator.clock.now() })
    const listener = vi.fn()
    client.on('error', listener)
    emulator.clock.advance(twoHours - 540_000)
    await client.postAPI('/user/get')
    await client.postAPI('/user/get')
    expect(refresh_token_fun).toHaveBeenCalled()
    expect(listener).not.toHaveBeenCalled()
    emulator.clock.advance(540_000)
    await expect(client.postAPI('/user/get')).rejects.toMatchObject({ code: 'RefreshFailed' })
    expect(statuses()).toEqual([200, 200])
  })

  it('is renewed before a call in its last 30 seconds', async () => {
    const refresh_token_fun = vi.fn(() => refresh(token))
    const client = createClient({ refresh_token_fun, clock: () => emulator.clock.now() })
    emulator.clock.advance(twoHours - 20_000)
    await client.postAPI('/user/get')
    expect(refresh_token_fun).toHaveBeenCalledTimes(1)
    expect(statuses()).toEqual([200])
  })

  it('is sent in its last 30 seconds if its renewal fails', async () => {
    const client = createClient({
      refresh_token_fun: () => Promise.reject(new Error('offline')),
      clock: () => emulator.clock.now(),
    })
    emulator.clock.advance(twoHours - 20_000)
    expect(await client.postAPI('/user/get')).toMatchObject({ user_id: 'user-1' })
  })

  it('is sent without a renewal if the client has no refresh_token_fun', async () => {
    const client = createClient({ clock: () => emulator.clock.now() })
    emulator.clock.advance(twoHours - 20_000)
    expect(await client.postAPI('/user/get')).toMatchObject({ user_id: 'user-1' })
  })
})

describe('a rejected token', () => {
  it('is renewed once, and each call is retried', async () => {
    await refresh(token)
    const refresh_token_fun = vi.fn(obtain)
    const client = createClient({ refresh_token_fun })
    const responses = await Promise.all(Array.from({ length: 200 }, () => client.postAPI('/user/get')))
    expect(responses).toHaveLength(200)
    expect(refresh_token_fun).toHaveBeenCalledTimes(1)
    expect(statuses().filter((status) => status === 200)).toHaveLength(200)
  })

  it('is renewed even if the same token is set again during the call', async () => {
    await refresh(token)
    const refresh_token_fun = vi.fn(obtain)
    const client = createClient({
      refresh_token_fun,
      fetch: (url, init) => {
        if (refresh_token_fun.mock.calls.length === 0) client.setToken(token)
        return fetch(url, init)
      },
    })
    expect(await client.postAPI('/user/get')).toMatchObject({ user_id: 'user-1' })
    expect(refresh_token_fun).toHaveBeenCalledTimes(1)
  })

  it('is replaced without a refresh by a token that is set during the call', async () => {
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

  it('is not sent again after its renewal failed', async () => {
    const next = await refresh(token)
    const refresh_token_fun = vi.fn(async () => next).mockRejectedValueOnce(new Error('offline'))
    const client = createClient({ refresh_token_fun })
    await expect(client.postAPI('/user/get')).rejects.toMatchObject({ code: 'RefreshFailed' })
    expect(await client.postAPI('/user/get')).toMatchObject({ user_id: 'user-1' })
    expect(statuses()).toEqual([401, 200])
  })

  it('leads to TokenExpired if it cannot be renewed', async () => {
    await refresh(token)
    const error = await failure(createClient().postAPI('/user/get'))
    const reqId = emulator.requests.at(-1)?.requestId
    expect(error).toMatchObject({ code: 'TokenExpired', status: 401, outcome: 'responded', reqId })
    expect(error.message).toMatch(
      /refresh_token_fun: The access token is not valid\. \[status: 401\] \[code: TokenExpired\] \[reqId: .*\]$/,
    )
    expect(statuses()).toEqual([401])
  })

  it('is renewed once even if the server rejects each token', async () => {
    emulator.injectFault({ ...invalidToken, times: 100 })
    const refresh_token_fun = vi.fn(obtain)
    const call = createClient({ refresh_token_fun, retryCount: 10 }).postAPI('/user/get')
    await expect(call).rejects.toMatchObject({ code: 'AccessTokenInvalid', status: 401 })
    expect(refresh_token_fun).toHaveBeenCalledTimes(1)
    expect(statuses()).toEqual([401, 401])
  })

  it('is not renewed after another error code', async () => {
    emulator.injectFault({ ...invalidToken, code: 'UserDisabled' })
    const refresh_token_fun = vi.fn(obtain)
    const call = createClient({ refresh_token_fun }).postAPI('/user/get')
    await expect(call).rejects.toMatchObject({ code: 'UserDisabled' })
    expect(refresh_token_fun).not.toHaveBeenCalled()
  })

  it('does not use up the retries', async () => {
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

describe('a client without a token', () => {
  it('obtains the first token once for the calls that wait for it', async () => {
    const refresh_token_fun = vi.fn(obtain)
    const client = createClient({ token_info: undefined, refresh_token_fun })
    await Promise.all(Array.from({ length: 20 }, () => client.postAPI('/user/get')))
    expect(refresh_token_fun).toHaveBeenCalledTimes(1)
    expect(statuses()).toEqual(Array(20).fill(200))
  })

  it('obtains no token after removeToken until another token is set', async () => {
    const refresh_token_fun = vi.fn(obtain)
    const client = createClient({ refresh_token_fun })
    client.removeToken()
    await expect(client.postAPI('/user/get')).rejects.toMatchObject({
      code: 'AccessTokenInvalid',
      outcome: 'not-sent',
    })
    expect(refresh_token_fun).not.toHaveBeenCalled()
    client.setToken(token)
    await refresh(token)
    expect(await client.postAPI('/user/get')).toMatchObject({ user_id: 'user-1' })
    expect(refresh_token_fun).toHaveBeenCalledTimes(1)
  })
})

describe('a removed token', () => {
  it('is not restored by a running refresh', async () => {
    const refreshed = deferred<TokenInfo>()
    const started = deferred<void>()
    const client = createClient({
      refresh_token_fun: () => {
        started.resolve()
        return refreshed.promise
      },
    })
    const next = await refresh(token)
    const call = client.postAPI('/user/get')
    await started.promise
    client.removeToken()
    refreshed.resolve(next)
    await expect(call).rejects.toMatchObject({ code: 'AccessTokenInvalid', status: 401 })
    expect(client.token_info).toBeUndefined()
    expect(statuses()).toEqual([401])
  })
})

describe('a share token', () => {
  const invalidShare = { ...invalidToken, code: 'ShareLinkTokenInvalid' } as const

  it('is sent with the access token or alone', async () => {
    const { fetch, headers } = recorder()
    const client = createClient({ fetch })
    client.setShareToken('a-share')
    expect(client.share_token).toBe('a-share')
    await client.postAPI('/user/get')
    client.removeShareToken()
    await client.postAPI('/user/get')
    client.removeToken()
    client.setShareToken('a-share')
    await client.postAPI('/user/get').catch(() => undefined)
    const authorization = `Bearer ${token.access_token}`
    expect(headers).toMatchObject([
      { authorization, 'x-share-token': 'a-share' },
      { authorization },
      { 'x-share-token': 'a-share' },
    ])
    expect(headers[1]).not.toHaveProperty('x-share-token')
    expect(headers[2]).not.toHaveProperty('authorization')
  })

  it('is renewed once after its rejection, unlike the access token', async () => {
    const { fetch, headers } = recorder()
    const refresh_share_token_fun = vi.fn(async () => 'next-share')
    const refresh_token_fun = vi.fn(obtain)
    const config = { share_token: 'a-share', refresh_share_token_fun, refresh_token_fun, fetch }
    const client = createClient(config)
    emulator.injectFault({ ...invalidShare, times: 2 })
    await Promise.all([client.postAPI('/user/get'), client.postAPI('/user/get')])
    const sent = headers.map((sentHeaders) => sentHeaders['x-share-token'])
    expect(sent).toEqual(['a-share', 'a-share', 'next-share', 'next-share'])
    expect(refresh_share_token_fun).toHaveBeenCalledTimes(1)
    expect(refresh_token_fun).not.toHaveBeenCalled()
    expect(client.share_token).toBe('next-share')
  })

  it('is not renewed after the rejection of the access token', async () => {
    await refresh(token)
    const refresh_share_token_fun = vi.fn(async () => 'next-share')
    const refresh_token_fun = vi.fn(obtain)
    const client = createClient({ share_token: 'a-share', refresh_share_token_fun, refresh_token_fun })
    expect(await client.postAPI('/user/get')).toMatchObject({ user_id: 'user-1' })
    expect(refresh_token_fun).toHaveBeenCalledTimes(1)
    expect(refresh_share_token_fun).not.toHaveBeenCalled()
  })

  it('leads to the error of the service if it is rejected and cannot be renewed', async () => {
    emulator.injectFault(invalidShare)
    const call = createClient({ share_token: 'a-share' }).postAPI('/user/get')
    await expect(call).rejects.toMatchObject({ code: 'ShareLinkTokenInvalid', status: 401 })
    expect(statuses()).toEqual([401])
  })

  it('must not be empty after its renewal', async () => {
    emulator.injectFault(invalidShare)
    const config = { share_token: 'a-share', refresh_share_token_fun: () => '' }
    await expect(createClient(config).postAPI('/user/get')).rejects.toMatchObject({
      code: 'RefreshFailed',
      message: 'refresh_share_token_fun must return a non-empty string of visible ASCII characters',
    })
  })

  it('may be removed during its renewal, and the call continues with the access token', async () => {
    const { fetch, headers } = recorder()
    emulator.injectFault(invalidShare)
    const client = createClient({
      fetch,
      share_token: 'a-share',
      refresh_share_token_fun: () => {
        client.removeShareToken()
        return 'next-share'
      },
    })
    expect(await client.postAPI('/user/get')).toMatchObject({ user_id: 'user-1' })
    expect(client.share_token).toBeUndefined()
    expect(headers[1]).not.toHaveProperty('x-share-token')
  })
})
