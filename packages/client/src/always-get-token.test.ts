import { PDSClient, PDSError, type TokenInfo } from '@pds/client'
import { describe, expect, it, vi } from 'vitest'
import {
  createClient,
  emulator,
  failure,
  invalidToken,
  obtain,
  refresh,
  statuses,
  token,
} from './api-client.test-helper.ts'

describe('always_get_token_fun', () => {
  it('is asked once for concurrent calls, and again after its cache time', async () => {
    const always_get_token_fun = vi.fn(async () => token)
    const client = createClient({ always_get_token_fun, always_get_token_cache_ms: 60_000 })
    await Promise.all(Array.from({ length: 20 }, () => client.postAPI('/user/get')))
    await client.postAPI('/user/get')
    expect(always_get_token_fun).toHaveBeenCalledTimes(1)
    expect(client.token_info).toEqual(token)
    const uncached = createClient({ always_get_token_fun, always_get_token_cache_ms: 0 })
    await uncached.postAPI('/user/get')
    await uncached.postAPI('/user/get')
    expect(always_get_token_fun).toHaveBeenCalledTimes(3)
  })

  it('is asked again for a token that has expired', async () => {
    const always_get_token_fun = vi.fn(async () => token)
    const client = createClient({
      always_get_token_fun,
      always_get_token_cache_ms: 60_000,
      clock: () => Date.parse(token.expire_time),
      fetch: async (url, init) => new Response((await fetch(url, init)).body),
    })
    await client.postAPI('/user/get')
    await client.postAPI('/user/get')
    expect(always_get_token_fun).toHaveBeenCalledTimes(2)
  })

  it('is asked again after a rejection, for the token that another tab has refreshed', async () => {
    let current: TokenInfo = token
    const always_get_token_fun = vi.fn(() => current)
    const client = createClient({ always_get_token_fun, always_get_token_cache_ms: 60_000 })
    await client.postAPI('/user/get')
    current = await refresh(token)
    await client.postAPI('/user/get')
    expect(statuses()).toEqual([200, 401, 200])
    expect(always_get_token_fun).toHaveBeenCalledTimes(2)
    expect(client.token_info).toEqual(current)
  })

  it('is followed by refresh_token_fun if it returns the rejected token', async () => {
    await refresh(token)
    const next = await obtain()
    const refresh_token_fun = vi.fn(async () => next)
    const client = createClient({ always_get_token_fun: () => token, refresh_token_fun })
    await client.postAPI('/user/get')
    expect(refresh_token_fun).toHaveBeenCalledExactlyOnceWith({ rejected: token.access_token })
    await client.postAPI('/user/get')
    expect(statuses()).toEqual([401, 200, 200])
  })

  it('leads to TokenExpired if nothing replaces the rejected token', async () => {
    await refresh(token)
    const error = await failure(createClient({ always_get_token_fun: () => token }).postAPI('/user/get'))
    expect(error).toMatchObject({ code: 'TokenExpired', status: 401 })
    expect(statuses()).toEqual([401])
  })

  it('is used instead of token_info, and may return no token', async () => {
    const client = createClient({ always_get_token_fun: async () => undefined })
    const error = await failure(client.postAPI('/user/get'))
    expect(error).toMatchObject({ code: 'AccessTokenInvalid', outcome: 'not-sent' })
    expect(error.message).toContain('always_get_token_fun returned no token')
    expect(statuses()).toEqual([])
    const sharing = createClient({ always_get_token_fun: async () => undefined, share_token: 'a-share' })
    expect(await failure(sharing.postAPI('/user/get'))).toMatchObject({ status: 401 })
  })

  it('that fails leads to RefreshFailed with the reason, and is asked again by the next call', async () => {
    const always_get_token_fun = vi
      .fn<() => TokenInfo>()
      .mockImplementationOnce(() => {
        throw new RangeError('no tab is open')
      })
      .mockReturnValueOnce({ access_token: '' })
      .mockReturnValue(token)
    const client = createClient({ always_get_token_fun })
    const error = await failure(client.postAPI('/user/get'))
    expect(error).toMatchObject({ code: 'RefreshFailed', cause: { name: 'RangeError' } })
    expect(error.message).toContain('always_get_token_fun failed: RangeError: no tab is open')
    expect((await failure(client.postAPI('/user/get'))).message).toContain(
      'always_get_token_fun must return a token',
    )
    await client.postAPI('/user/get')
    expect(statuses()).toEqual([200])
  })

  it('excludes a session, setToken and removeToken', () => {
    const always_get_token_fun = () => token
    const session = { getToken: async () => token }
    expect(() => createClient({ token_info: undefined, always_get_token_fun, session })).toThrow(
      'PDSClient: session and always_get_token_fun are exclusive',
    )
    const client = createClient({ always_get_token_fun })
    for (const change of [() => client.setToken(token), () => client.removeToken()]) {
      expect(change).toThrow('is not available with always_get_token_fun: it provides the token')
    }
  })
})

describe('refresh_share_token_fun', () => {
  const needsShare = { ...invalidToken, code: 'ShareLinkTokenInvalid' }

  it('returns the first share token if the service requires one', async () => {
    emulator.injectFault(needsShare)
    const refresh_share_token_fun = vi.fn(async () => 'first-share')
    const client = createClient({ refresh_share_token_fun })
    await client.postAPI('/user/get')
    expect(refresh_share_token_fun).toHaveBeenCalledExactlyOnceWith({ rejected: undefined })
    expect([statuses(), client.share_token]).toEqual([[401, 200], 'first-share'])
  })

  it('returns the first share token before a call without a credential', async () => {
    const refresh_share_token_fun = vi.fn(async () => 'first-share')
    const client = createClient({ token_info: undefined, refresh_share_token_fun })
    // The emulator's call needs an access token, too.
    expect(await failure(client.postAPI('/user/get'))).toMatchObject({ status: 401 })
    expect(client.share_token).toBe('first-share')
    expect(emulator.requests.at(-1)?.share_token).toMatch(/^\*{3}/)
    client.removeShareToken()
    expect(await failure(client.postAPI('/user/get'))).toMatchObject({
      code: 'AccessTokenInvalid',
      outcome: 'not-sent',
    })
    expect(refresh_share_token_fun).toHaveBeenCalledTimes(1)
  })

  it('is told the rejected share token', async () => {
    emulator.injectFault(needsShare)
    const refresh_share_token_fun = vi.fn(async () => 'next-share')
    const client = createClient({ share_token: 'a-share', refresh_share_token_fun })
    await client.postAPI('/user/get')
    expect(refresh_share_token_fun).toHaveBeenCalledExactlyOnceWith({ rejected: 'a-share' })
  })

  it('does not replace the share token of a call', async () => {
    emulator.injectFault(needsShare)
    const refresh_share_token_fun = vi.fn(async () => 'next-share')
    const call = createClient({ refresh_share_token_fun }).postAPI(
      '/user/get',
      {},
      { headers: { 'x-share-token': 'own' } },
    )
    await expect(call).rejects.toMatchObject({ code: 'ShareLinkTokenInvalid' })
    expect(refresh_share_token_fun).not.toHaveBeenCalled()
  })
})

describe('for code that was written for the SDK of the vendor', () => {
  it('refresh_token_fun is told the rejected token, and nothing before a rejection', async () => {
    const refresh_token_fun = vi.fn(obtain)
    await createClient({ token_info: undefined, refresh_token_fun }).postAPI('/user/get')
    expect(refresh_token_fun).toHaveBeenLastCalledWith({ rejected: undefined })
    await refresh(token)
    await createClient({ refresh_token_fun }).postAPI('/user/get')
    expect(refresh_token_fun).toHaveBeenLastCalledWith({ rejected: token.access_token })
  })

  it('TokenExpired keeps the message of the service', async () => {
    emulator.injectFault({ ...invalidToken, message: 'UserNotEnabled: the user is disabled' })
    const error = await failure(createClient().postAPI('/user/get'))
    expect(error.code).toBe('TokenExpired')
    expect(error.message).toMatch(
      /: UserNotEnabled: the user is disabled \[status: 401\] \[code: TokenExpired\]/,
    )
  })

  it('RefreshFailed has the code and the message of its cause', async () => {
    await refresh(token)
    const error = await failure(
      createClient({ refresh_token_fun: () => refresh(token) }).postAPI('/user/get'),
    )
    expect(error.message).toMatch(
      /^refresh_token_fun failed: .*refresh_token is not valid.*InvalidParameter\.RefreshToken/,
    )
    const offline = createClient({ refresh_token_fun: () => Promise.reject(new TypeError('fetch failed')) })
    expect((await failure(offline.postAPI('/user/get'))).message).toContain(
      'refresh_token_fun failed: TypeError: fetch failed',
    )
  })

  it('a second argument of the constructor throws', () => {
    const { api_endpoint } = emulator
    const create = () =>
      new (PDSClient as unknown as new (...args: unknown[]) => PDSClient)({ api_endpoint }, {})
    expect(create).toThrow(PDSError)
    expect(create).toThrow('PDSClient has no second argument')
  })

  it.each([
    ['refresh_token_fun', 'pass the option to the constructor'],
    ['refresh_share_token_fun', 'pass the option to the constructor'],
    ['always_get_token_fun', 'pass the option to the constructor'],
    ['api_endpoint', 'pass the option to the constructor'],
    ['auth_endpoint', 'pass the option to the constructor'],
    ['version', 'pass the option to the constructor'],
    ['path_type', 'pass the option to the constructor'],
    ['retryCount', 'pass the option to the constructor'],
    ['verbose', 'pass the option to the constructor'],
    ['token_info', 'use setToken or removeToken'],
    ['share_token', 'use setShareToken or removeShareToken'],
  ])('an assignment to %s throws', (name, instead) => {
    const client = createClient({ refresh_token_fun: obtain })
    expect(() => Object.assign(client, { [name]: () => token })).toThrow(
      expect.objectContaining({
        code: 'InvalidParameter',
        message: expect.stringContaining(`PDSClient: ${name} cannot be assigned: ${instead}`),
      }),
    )
  })

  it('the functions can be read from the client', () => {
    const client = createClient({ refresh_token_fun: obtain }) as unknown as Record<string, unknown>
    expect([client.refresh_token_fun, client.always_get_token_fun]).toEqual([obtain, undefined])
    expect(Object.keys(client)).not.toContain('refresh_token_fun')
  })
})
