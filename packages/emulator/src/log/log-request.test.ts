import { describe, expect, it } from 'vitest'
import {
  createEmulatorBeforeEach,
  emulator,
  exchange,
  getCode,
  getJwtToken,
  getUser,
  postForm,
  refreshJwt,
  refreshOAuth,
  revoke,
  send,
  signIn,
} from '../test/emulator-requests.test-helper.ts'

const last = () => emulator.requests.at(-1)
const fingerprintPattern = /^\*{3}[\w-]{8}\*{3}$/
const fingerprint = expect.stringMatching(fingerprintPattern)

describe('the log of a sign-in', () => {
  createEmulatorBeforeEach()

  it('has the application, the user and the rotated tokens', async () => {
    const code = await getCode()
    expect(last()).toMatchObject({ client_id: 'webserver-app', user_id: 'user-1' })
    expect(last()).not.toHaveProperty('rotated')
    const { body } = await exchange(code)
    const ids = { client_id: 'webserver-app', user_id: 'user-1' }
    expect(last()).toMatchObject({ ...ids, grant: 'authorization_code' })
    const issued = last()?.rotated
    expect(issued).toEqual({ access_token: { new: fingerprint }, refresh_token: { new: fingerprint } })

    const { body: next } = await refreshOAuth(body.refresh_token)
    expect(last()).toMatchObject({ ...ids, grant: 'refresh_token' })
    const rotated = last()?.rotated
    expect(rotated).toEqual({
      access_token: { old: issued?.access_token.new, new: fingerprint },
      refresh_token: { old: issued?.refresh_token.new, new: fingerprint },
    })
    expect(rotated?.access_token.new).not.toBe(issued?.access_token.new)
    expect(last()?.params.refresh_token).toContain(rotated?.refresh_token.old)

    await getUser(next.access_token)
    expect(last()).toMatchObject(ids)
    expect(last()?.authorization).toContain(rotated?.access_token.new)
    expect(last()).not.toHaveProperty('rotated')

    await refreshOAuth(body.refresh_token)
    expect(last()).toMatchObject({ ...ids, status: 400, error: 'InvalidParameter.RefreshToken' })
    expect(last()).not.toHaveProperty('rotated')

    await revoke(next.refresh_token)
    expect(last()).toMatchObject({ ...ids, status: 204 })
    expect(last()?.rotated).toEqual({
      access_token: { old: rotated?.access_token.new },
      refresh_token: { old: rotated?.refresh_token.new },
    })
    await revoke(next.refresh_token)
    expect(last()).not.toHaveProperty('rotated')
  })

  it('has the tokens that were revoked with a code that was used twice', async () => {
    const code = await getCode()
    await exchange(code)
    const issued = last()?.rotated
    await exchange(code)
    expect(last()).toMatchObject({ user_id: 'user-1', status: 400, error: 'InvalidParameter' })
    expect(last()?.rotated).toEqual({
      access_token: { old: issued?.access_token.new },
      refresh_token: { old: issued?.refresh_token.new },
    })
  })

  it('has the tokens of a JWT application', async () => {
    const { body } = await getJwtToken()
    expect(last()).toMatchObject({ client_id: 'jwt-app', user_id: 'user-1', grant: 'jwt-bearer' })
    await refreshJwt(body.refresh_token)
    expect(last()).toMatchObject({ client_id: 'jwt-app', user_id: 'user-1', grant: 'refresh_token' })
    expect(last()?.rotated?.refresh_token).toEqual({ old: fingerprint, new: fingerprint })
  })

  it('has rotated tokens whose response was lost', async () => {
    const { refresh_token } = await signIn()
    emulator.injectFault({ type: 'drop', when: 'after' })
    await refreshOAuth(refresh_token).catch(() => undefined)
    expect(last()).toMatchObject({ fault: 'drop', status: 0, user_id: 'user-1' })
    expect(last()?.rotated?.refresh_token).toEqual({ old: fingerprint, new: fingerprint })
    emulator.injectFault({ type: 'drop' })
    await refreshOAuth(refresh_token).catch(() => undefined)
    expect(last()).toMatchObject({
      fault: 'drop',
      status: 0,
      client_id: 'webserver-app',
      grant: 'refresh_token',
    })
    expect(last()).not.toHaveProperty('rotated')
  })

  it('has no user if the token belongs to another application', async () => {
    const { refresh_token } = await signIn()
    await refreshJwt(refresh_token)
    expect(last()).toMatchObject({ client_id: 'jwt-app', status: 400 })
    expect(last()).not.toHaveProperty('user_id')
  })

  it('has the error code from a body, a header or a redirect', async () => {
    await postForm({ grant_type: 'magic' })
    expect(last()).toMatchObject({ error: 'InvalidParameterNotSupported' })
    expect(last()).not.toHaveProperty('grant')
    await send('/elsewhere', {})
    expect(last()?.error).toBe('I404NF')
    await getCode({ response_type: 'token' })
    expect(last()?.error).toBe('unsupported_response_type')
    emulator.injectFault({ type: 'status', status: 500, body: 'capital' })
    await getUser('x')
    expect(last()?.error).toBe('InternalError')
  })
})

describe('the log with a grace period and revokeFamily', () => {
  createEmulatorBeforeEach({ rotation: { grace: 1000, revokeFamily: true } })

  it('has tokens that are returned again, and tokens that are revoked with their family', async () => {
    const { refresh_token } = await signIn()
    await refreshOAuth(refresh_token)
    const first = last()?.rotated
    await refreshOAuth(refresh_token)
    expect(last()?.rotated).toEqual(first)
    emulator.clock.advance(1000)
    await refreshOAuth(refresh_token)
    expect(last()).toMatchObject({ status: 400, error: 'InvalidParameter.RefreshToken' })
    expect(last()?.rotated).toEqual({
      access_token: { old: first?.access_token.new },
      refresh_token: { old: first?.refresh_token.new },
    })
  })
})
