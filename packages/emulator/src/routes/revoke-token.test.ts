import { startEmulator } from '@pds/emulator'
import { describe, expect, it } from 'vitest'
import {
  createEmulatorBeforeEach,
  emulator,
  type Fields,
  getJwtToken,
  getUser,
  refreshJwt,
  refreshOAuth,
  revoke,
  send,
  signIn,
} from '../test/emulator-requests.test-helper.ts'

const done = { status: 204, body: {} }
const kinds = [
  ['a JWT application', 'jwt-app', async () => (await getJwtToken()).body, refreshJwt],
  ['an OAuth application', 'webserver-app', signIn, refreshOAuth],
] as const

describe('revoking', () => {
  createEmulatorBeforeEach()

  it.each(kinds)('revokes both tokens of %s, and no others', async (_what, app_id, obtain, refresh) => {
    const [token, other] = [await obtain(), await obtain()]
    expect(await revoke(token.refresh_token, { app_id })).toMatchObject(done)
    expect((await getUser(token.access_token)).status).toBe(401)
    expect((await refresh(token.refresh_token)).body.code).toBe('InvalidParameter.RefreshToken')
    expect(emulator.invalidTokenUses).toEqual({ access: 1, refresh: 1 })
    expect((await getUser(other.access_token)).status).toBe(200)
    expect((await refresh(other.refresh_token)).status).toBe(200)
    expect(emulator.invalidTokenUses).toEqual({ access: 1, refresh: 1 })
  })

  it.each([
    ['is unknown', 'unknown', {}],
    ['is an access token', 'access_token', {}],
    ['belongs to another OAuth application', 'refresh_token', { app_id: 'native-app' }],
    ['is sent with the id of a JWT application', 'refresh_token', { app_id: 'jwt-app' }],
  ])('does nothing if the token %s', async (_what, name, changes) => {
    const token = await signIn()
    expect(await revoke(token[name] ?? name, changes)).toMatchObject(done)
    expect((await getUser(token.access_token)).status).toBe(200)
    expect((await refreshOAuth(token.refresh_token)).status).toBe(200)
  })

  it('does nothing if the token is spent or expired, and does not count as its use', async () => {
    const old = await signIn()
    const next = (await refreshOAuth(old.refresh_token)).body
    expect(await revoke(old.refresh_token)).toMatchObject(done)
    expect((await getUser(next.access_token)).status).toBe(200)
    emulator.clock.advance(7 * 24 * 3_600_000)
    expect(await revoke(next.refresh_token)).toMatchObject(done)
    expect(await revoke(next.refresh_token)).toMatchObject(done)
    expect(emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it.each(kinds)('revokes the tokens of %s during a refresh', async (_w, app_id, obtain, refresh) => {
    const { access_token, refresh_token } = await obtain()
    const [refreshed, revoked] = await Promise.all([
      refresh(refresh_token),
      revoke(refresh_token, { app_id }),
    ])
    expect(revoked).toMatchObject(done)
    expect((await getUser(access_token)).status).toBe(401)
    expect((await getUser(refreshed.body.access_token)).status).toBe(401)
    expect((await refresh(refreshed.body.refresh_token ?? refresh_token)).status).toBe(400)
  })

  const mistakes: [code: string, changes: Fields][] = [
    ['InvalidParameter.ClientId', { app_id: 'unknown' }],
    ['InvalidParameterMissing', { app_id: undefined }],
    ['InvalidParameterMissing', { refresh_token: undefined }],
    ['InvalidParameterEmpty', { refresh_token: '' }],
    ['InvalidParameterWrongFormat', { refresh_token: 1 }],
  ]
  it.each(mistakes)('is rejected with %s for %o', async (code, changes) => {
    const token = await signIn()
    const { status, body } = await revoke(token.refresh_token, changes)
    expect({ status, code: body.code }).toEqual({ status: 400, code })
    expect((await getUser(token.access_token)).status).toBe(200)
  })

  it('is possible from a page of another origin', async () => {
    const { refresh_token } = await signIn()
    const origin = 'http://page.test'
    const preflight = await send('/v2/account/revoke', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-headers': 'content-type' },
    })
    expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type')
    const { status, headers } = await send('/v2/account/revoke', {
      method: 'POST',
      body: JSON.stringify({ app_id: 'webserver-app', refresh_token }),
      headers: { origin, 'content-type': 'application/json' },
    })
    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, '*'])
    expect(headers.get('access-control-expose-headers')).toBe('x-ca-request-id,date')
  })

  it('is logged with the token redacted', async () => {
    const { refresh_token } = await signIn()
    await revoke(refresh_token)
    const response = emulator.requests.at(-2)?.response as Fields
    expect(emulator.requests.at(-1)).toMatchObject({
      path: '/v2/account/revoke',
      params: { app_id: 'webserver-app', refresh_token: response.refresh_token },
      status: 204,
      response: undefined,
    })
    expect(JSON.stringify(emulator.requests)).not.toContain(refresh_token)
  })
})

describe('revoking in a grace period', () => {
  createEmulatorBeforeEach({ rotation: { grace: 1000 } })

  it('revokes the tokens that the spent token would return again', async () => {
    const old = await signIn()
    const next = (await refreshOAuth(old.refresh_token)).body
    await revoke(old.refresh_token)
    expect((await getUser(next.access_token)).status).toBe(401)
    expect((await refreshOAuth(old.refresh_token)).status).toBe(400)
    expect((await refreshOAuth(next.refresh_token)).status).toBe(400)
  })
})

it('responds over HTTP without a body', async () => {
  const emulator = await startEmulator()
  const response = await fetch(`${emulator.api_endpoint}/v2/account/revoke`, {
    method: 'POST',
    body: JSON.stringify({ app_id: 'jwt-app', refresh_token: 'unknown' }),
    headers: { 'content-type': 'application/json' },
  })
  expect([response.status, await response.text(), response.headers.get('content-type')]).toEqual([
    204,
    '',
    null,
  ])
  expect(emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  await emulator.close()
})
