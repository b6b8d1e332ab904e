import { inspect } from 'node:util'
import { PDSError, type TokenInfo } from '@pds/client'
import { measureSlowness } from 'shared/time'
import { beforeEach, describe, expect, it, vi } from 'vitest'
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

describe('a failed refresh', () => {
  beforeEach(() => refresh(token))

  it('leads to RefreshFailed with the PDSError as its cause', async () => {
    const client = createClient({ refresh_token_fun: () => refresh(token) })
    const error = await failure(client.postAPI('/user/get'))
    expect(error).toMatchObject({ code: 'RefreshFailed', outcome: 'responded' })
    expect(error.cause).toMatchObject({ code: 'InvalidParameter.RefreshToken', status: 400 })
    expect(client.token_info).toEqual(token)
  })

  it('has a sanitized cause for any other error', async () => {
    const { access_token, refresh_token = '' } = token
    const client = createClient({
      refresh_token_fun: () => {
        throw Object.assign(new RangeError(`no luck with ${refresh_token}`), { config: { access_token } })
      },
    })
    const error = await failure(client.postAPI('/user/get'))
    expect(error.cause).toMatchObject({ name: 'RangeError', message: '***' })
    const shown = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error)
    expect(shown).not.toContain(refresh_token)
    expect(shown).not.toContain(access_token)
  })

  it.each([
    [undefined],
    ['a token'],
    [{}],
    [{ access_token: '' }],
    [{ access_token: 'a', token_type: 'DPoP' }],
    [{ access_token: 'a', expire_time: 'soon' }],
  ])('may be caused by the result %j', async (result) => {
    const client = createClient({ refresh_token_fun: () => result as unknown as TokenInfo })
    await expect(client.postAPI('/user/get')).rejects.toMatchObject({
      code: 'RefreshFailed',
      message: expect.stringContaining(
        'refresh_token_fun must return a token: an object with an access_token',
      ),
    })
    expect(client.token_info).toEqual(token)
  })

  it('is avoided by trimming the new token, like the output of a program', async () => {
    const next = await obtain()
    const client = createClient({
      refresh_token_fun: () => ({ ...next, access_token: `${next.access_token}\n`, refresh_token: 'r\r\n' }),
    })
    await expect(client.postAPI('/user/get')).resolves.toMatchObject({ user_id: 'user-1' })
    expect(client.token_info).toMatchObject({ access_token: next.access_token, refresh_token: 'r' })
  })

  it('does not affect the next call, which refreshes again', async () => {
    const refresh_token_fun = vi.fn(obtain).mockRejectedValueOnce(new Error('offline'))
    const client = createClient({ refresh_token_fun })
    await expect(client.postAPI('/user/get')).rejects.toMatchObject({ code: 'RefreshFailed' })
    await expect(client.postAPI('/user/get')).resolves.toMatchObject({ user_id: 'user-1' })
  })

  it('keeps the message of the error, even for a token without a refresh token', async () => {
    const { access_token } = token
    const client = createClient({
      token_info: { access_token },
      refresh_token_fun: () => Promise.reject(new Error('login.example.com responded 502')),
    })
    const error = await failure(client.postAPI('/user/get'))
    expect(error.cause).toMatchObject({ message: 'login.example.com responded 502' })
  })

  it('happens once for all calls that were rejected at the same time', async () => {
    const refresh_token_fun = vi.fn(() => Promise.reject(new Error('offline')))
    const client = createClient({ refresh_token_fun })
    const calls = await Promise.allSettled(Array.from({ length: 100 }, () => client.postAPI('/user/get')))
    expect(calls.map(({ status }) => status)).toEqual(Array(100).fill('rejected'))
    expect(refresh_token_fun).toHaveBeenCalledTimes(1)
  })

  it('may be caused by a timeout, and the next call refreshes again', async () => {
    const refresh_token_fun = vi.fn(obtain).mockImplementationOnce(() => new Promise(() => undefined))
    // Long enough for the next refresh to finish.
    const totalTimeout = Math.ceil(300 * (await measureSlowness()))
    const client = createClient({ refresh_token_fun, totalTimeout })
    const call = client.postAPI('/user/get', {}, { totalTimeout: 0 })
    await expect(call).rejects.toMatchObject({
      code: 'RefreshFailed',
      message: `refresh_token_fun did not finish within ${totalTimeout} ms (option totalTimeout)`,
    })
    await expect(client.postAPI('/user/get', {}, { totalTimeout: 0 })).resolves.toMatchObject({
      user_id: 'user-1',
    })
  })

  it('does not delay calls after another token is set', async () => {
    const { promise, resolve } = deferred<void>()
    const client = createClient({
      refresh_token_fun: () => {
        resolve()
        return new Promise(() => undefined)
      },
    })
    const call = client.postAPI('/user/get')
    await promise
    client.setToken(await obtain())
    await expect(call).resolves.toMatchObject({ user_id: 'user-1' })
  })

  it('may be caused by a result that cannot be read', async () => {
    const hostile = {
      get access_token(): string {
        throw new Error('no')
      },
    }
    const client = createClient({ refresh_token_fun: () => hostile })
    await expect(client.postAPI('/user/get')).rejects.toMatchObject({ code: 'RefreshFailed' })
  })

  it('may be caused by a refresh that waits for itself until its timeout', async () => {
    const client = createClient({
      refresh_token_fun: async () => client.postAPI<TokenInfo>('/user/get', {}, { totalTimeout: 100 }),
    })
    const call = client.postAPI('/user/get')
    await expect(call).rejects.toMatchObject({
      code: 'RefreshFailed',
      // The token is known to be rejected, so it is not sent again.
      cause: { code: 'Timeout', outcome: 'not-sent' },
    })
  })

  it('does not delay an aborted call, which does not stop the refresh for others', async () => {
    const refreshed = deferred<TokenInfo>()
    const controller = new AbortController()
    const started = deferred<void>()
    const client = createClient({
      refresh_token_fun: () => {
        started.resolve()
        return refreshed.promise
      },
    })
    const aborted = client.postAPI('/user/get', {}, { signal: controller.signal })
    const waiting = client.postAPI('/user/get')
    await started.promise
    controller.abort()
    await expect(aborted).rejects.toMatchObject({ code: 'Aborted' })
    refreshed.resolve(await obtain())
    await expect(waiting).resolves.toMatchObject({ user_id: 'user-1' })
  })
})

describe('a refresh that the service throttles', () => {
  it.each([
    ['429', { status: 429, code: 'Throttling' }],
    ['503', { status: 503, code: 'ServiceUnavailable' }],
  ])('with status %s fails all calls until its backoff ends, and nothing is sent', async (_what, fields) => {
    let now = emulator.clock.now()
    const retryAt = now + 60_000
    const next = await refresh(token)
    const refresh_token_fun = vi
      .fn(async () => next)
      .mockRejectedValueOnce(new PDSError('too busy', { ...fields, outcome: 'responded', retryAt }))
    const client = createClient({ refresh_token_fun, clock: () => now })
    const error = await failure(client.postAPI('/user/get'))
    expect(error).toMatchObject({ code: 'RefreshFailed', retryAt, cause: { code: fields.code } })
    now = retryAt - 1
    for (let call = 0; call < 50; call++)
      await expect(client.postAPI('/user/get')).rejects.toMatchObject({ code: 'RefreshFailed', retryAt })
    expect(refresh_token_fun).toHaveBeenCalledTimes(1)
    expect(statuses()).toEqual([401])
    now = retryAt
    await expect(client.postAPI('/user/get')).resolves.toMatchObject({ user_id: 'user-1' })
  })

  it('does not delay calls after another token is set', async () => {
    const next = await refresh(token)
    const retryAt = Date.now() + 60_000
    const busy = new PDSError('too busy', { code: 'Throttled', outcome: 'not-sent', retryAt })
    const client = createClient({ refresh_token_fun: () => Promise.reject(busy) })
    await expect(client.postAPI('/user/get')).rejects.toMatchObject({ code: 'RefreshFailed', retryAt })
    client.setToken(next)
    await expect(client.postAPI('/user/get')).resolves.toMatchObject({ user_id: 'user-1' })
  })

  it('fails calls with a share token in the same way', async () => {
    const { fetch, headers } = recorder()
    const retryAt = Date.now() + 60_000
    const busy = new PDSError('too busy', { code: 'Throttled', outcome: 'not-sent', retryAt })
    const refresh_share_token_fun = vi.fn(() => Promise.reject(busy))
    emulator.injectFault({ ...invalidToken, code: 'ShareLinkTokenInvalid' })
    const client = createClient({ fetch, share_token: 'a-share', refresh_share_token_fun })
    for (let call = 0; call < 5; call++)
      await expect(client.postAPI('/user/get')).rejects.toMatchObject({ code: 'RefreshFailed', retryAt })
    expect(refresh_share_token_fun).toHaveBeenCalledTimes(1)
    expect(headers).toHaveLength(1)
  })
})
