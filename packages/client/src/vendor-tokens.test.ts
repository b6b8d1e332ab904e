import { getTokenByCode, oauthGrant } from '@pds/auth-oauth'
import { type VendorTokens, vendorTokens } from '@pds/client'
import { createTransport } from '@pds/core'
import { createSession, type Session } from '@pds/session'
import { beforeEach, describe, expect, it } from 'vitest'
import { emulator, statuses } from './api-client.test-helper.ts'

/*
 * The calling convention of the vendor's SDK 1.4.0. Before a call it reads a token from `always_get_token_fun`, or from its
 * cache of 2 seconds. It calls `refresh_token_fun` if that token has expired by the local clock, or after the codes
 * `AccessTokenInvalid` and `TokenExpired`, and then starts again. Without `always_get_token_fun` it sends `token_info`,
 * which the result of `refresh_token_fun` replaces.
 */
class VendorClient {
  cached: { access_token: string } | undefined
  readonly #options: Partial<VendorTokens>

  constructor(options: Partial<VendorTokens>) {
    this.#options = options
    this.cached = options.token_info
  }

  async call(): Promise<number> {
    const { always_get_token_fun, refresh_token_fun } = this.#options
    this.cached ??= await always_get_token_fun?.()
    const status = await getUser(this.cached?.access_token ?? '')
    if (status !== 401 || !refresh_token_fun) return status
    const next = await refresh_token_fun()
    if (!always_get_token_fun) this.cached = next
    return this.call()
  }
}

async function getUser(access_token: string): Promise<number> {
  const headers = { authorization: `Bearer ${access_token}` }
  return (await fetch(`${emulator.api_endpoint}/v2/user/get`, { method: 'POST', headers })).status
}

let session: Session

beforeEach(async () => {
  const transport = createTransport({ api_endpoint: emulator.api_endpoint })
  const { client_id, redirect_uris } = emulator.app('native')
  const app = { client_id, redirect_uri: redirect_uris[0] ?? '' }
  session = createSession({ key: 'user-1', grant: oauthGrant({ transport, ...app }) })
  const code = emulator.createCode({ client_id })
  await session.setToken(await getTokenByCode(transport, { ...app, code }))
})

const refreshes = () => emulator.requests.filter(({ grant }) => grant === 'refresh_token').length

describe("the vendor's SDK with the tokens of a session", () => {
  it('uses the token of the session, without its refresh token', async () => {
    const tokens = await vendorTokens(session)
    expect(tokens.token_info).toMatchObject({
      access_token: await session.getAccessToken(),
      user_id: 'user-1',
    })
    expect(tokens.token_info).not.toHaveProperty('refresh_token')
    expect(await tokens.always_get_token_fun()).toEqual(tokens.token_info)
    expect(await new VendorClient(tokens).call()).toBe(200)
  })

  it('shares one refresh with the session after a rejection, however often it sends its cached token', async () => {
    const before = refreshes()
    const tokens = await vendorTokens(session)
    const vendor = new VendorClient(tokens)
    vendor.cached = await tokens.always_get_token_fun()
    emulator.injectFault({ type: 'status', status: 401, code: 'AccessTokenInvalid', path: '/v2/user/get' })
    const results = await Promise.all([
      tokens.refresh_token_fun(),
      tokens.refresh_token_fun(),
      session.getToken({ rejected: vendor.cached?.access_token ?? '' }),
    ])
    await tokens.refresh_token_fun()
    expect(new Set(results.map(({ access_token }) => access_token)).size).toBe(1)
    expect(refreshes()).toBe(before + 1)
    // The cache of the vendor's SDK ends after 2 seconds.
    vendor.cached = undefined
    emulator.clearFaults()
    expect(await vendor.call()).toBe(200)
    expect(refreshes()).toBe(before + 1)
  })

  it('gets a token that the session refreshed after the client was created', async () => {
    const { token_info, refresh_token_fun } = await vendorTokens(session)
    const vendor = new VendorClient({ token_info, refresh_token_fun })
    const { access_token } = await session.getToken({ rejected: token_info.access_token })
    const before = refreshes()
    expect(await vendor.call()).toBe(200)
    expect(vendor.cached?.access_token).toBe(access_token)
    expect(refreshes()).toBe(before)
    expect(statuses().slice(-2)).toEqual([401, 200])
    // Without always_get_token_fun, the client sends what refresh_token_fun returned, which may be rejected, too.
    await session.getToken({ rejected: access_token })
    expect(await vendor.call()).toBe(200)
    expect(statuses().slice(-2)).toEqual([401, 200])
  })

  it('is told that a login is required', async () => {
    const tokens = await vendorTokens(session)
    await session.signOut()
    await expect(tokens.always_get_token_fun()).rejects.toMatchObject({ code: 'LoginRequired' })
    await expect(tokens.refresh_token_fun()).rejects.toMatchObject({ code: 'LoginRequired' })
    await expect(vendorTokens(session)).rejects.toMatchObject({ code: 'LoginRequired' })
  })
})
