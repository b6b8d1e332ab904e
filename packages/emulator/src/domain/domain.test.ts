import { describe, expect, it } from 'vitest'
import {
  createEmulatorBeforeEach,
  emulator,
  exchange,
  getCode,
  getJwtToken,
  getUser,
  postJson,
  refreshJwt,
  refreshOAuth,
} from '../test/emulator-requests.test-helper.ts'

const hour = 3_600_000
createEmulatorBeforeEach()

describe('a refresh', () => {
  const kinds = [
    ['of a JWT application', () => getJwtToken(), refreshJwt],
    ['of an OAuth application', async () => exchange(await getCode()), refreshOAuth],
  ] as const

  it.each(kinds)('%s invalidates the old tokens at once', async (_what, obtain, refresh) => {
    const old = (await obtain()).body
    const { status, body } = await refresh(old.refresh_token)
    expect({ status, user: body.user_id }).toEqual({ status: 200, user: 'user-1' })
    expect(body.access_token).not.toBe(old.access_token)
    expect(body.refresh_token).not.toBe(old.refresh_token)
    expect(await getUser(old.access_token)).toMatchObject({
      status: 401,
      body: { code: 'AccessTokenInvalid' },
    })
    expect((await getUser(body.access_token)).status).toBe(200)
    expect((await refresh(old.refresh_token)).body).toEqual({
      code: 'InvalidParameter.RefreshToken',
      message: 'The input parameter refresh_token is not valid. ',
      requestId: null,
    })
    expect((await refresh(body.refresh_token)).status).toBe(200)
  })

  it.each(kinds)(
    '%s succeeds for exactly one of many concurrent requests',
    async (_what, obtain, refresh) => {
      const { refresh_token } = (await obtain()).body
      const responses = await Promise.all(Array.from({ length: 8 }, () => refresh(refresh_token)))
      expect(responses.filter(({ status }) => status === 200)).toHaveLength(1)
    },
  )

  it.each(kinds)(
    '%s is possible for 7 days, after the access token has expired',
    async (_what, obtain, refresh) => {
      const [inTime, late] = [(await obtain()).body, (await obtain()).body]
      emulator.clock.advance(7 * 24 * hour - 1000)
      expect((await getUser(inTime.access_token)).status).toBe(401)
      expect((await refresh(inTime.refresh_token)).status).toBe(200)
      emulator.clock.advance(1000)
      expect((await refresh(late.refresh_token)).body.code).toBe('InvalidParameter.RefreshToken')
    },
  )

  it('of one kind of application rejects the token of the other', async () => {
    const jwt = (await getJwtToken()).body
    const oauth = (await exchange(await getCode())).body
    expect((await refreshJwt(oauth.refresh_token)).status).toBe(400)
    expect((await refreshOAuth(jwt.refresh_token)).status).toBe(400)
    expect((await refreshJwt(jwt.refresh_token)).status).toBe(200)
    expect((await refreshOAuth(oauth.refresh_token)).status).toBe(200)
  })

  it.each([
    ['InvalidParameterMissing', { grant_type: undefined }],
    ['InvalidParameterNotSupported', { grant_type: 'password' }],
    ['InvalidParameter.ClientId', { app_id: 'unknown' }],
    ['InvalidParameterEmpty', { app_id: '' }],
    ['InvalidParameterWrongFormat', { app_id: 1 }],
  ])('of a JWT application is rejected with %s for %o', async (code, changes) => {
    const { refresh_token } = (await getJwtToken()).body
    expect((await refreshJwt(refresh_token, changes)).body.code).toBe(code)
  })

  it('of an OAuth application requires a registered redirect URI', async () => {
    const { refresh_token } = (await exchange(await getCode())).body
    const elsewhere = { redirect_uri: 'https://elsewhere.test/callback' }
    expect((await refreshOAuth(refresh_token, elsewhere)).body.code).toBe('InvalidParameterNotMatch')
  })
})

describe('a protected call', () => {
  it('accepts an access token for 2 hours', async () => {
    const { access_token } = (await getJwtToken()).body
    emulator.clock.advance(2 * hour - 1)
    expect(await getUser(access_token)).toMatchObject({
      status: 200,
      body: { user_id: 'user-1', domain_id: 'local', role: 'user' },
    })
    emulator.clock.advance(1)
    expect(await getUser(access_token)).toMatchObject({ status: 401, body: { code: 'AccessTokenInvalid' } })
  })

  it('rejects an unknown token and a missing token', async () => {
    expect((await getUser('not.a.token')).status).toBe(401)
    expect((await postJson('/v2/user/get', {})).status).toBe(401)
  })

  it('returns other users only to administrators', async () => {
    await getJwtToken({ sub: 'user-2', auto_create: true })
    const user = (await getJwtToken()).body.access_token
    const service = (await getJwtToken({ sub: 'local', sub_type: 'service' })).body.access_token
    expect((await getUser(user, { user_id: 'user-1' })).status).toBe(200)
    expect((await getUser(user, { user_id: 'user-2' })).status).toBe(403)
    expect((await getUser(service, { user_id: 'user-2' })).body.user_id).toBe('user-2')
    expect((await getUser(service, { user_id: 'user-3' })).status).toBe(404)
  })
})
