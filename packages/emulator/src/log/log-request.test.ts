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
const mark = /^\*{3}[\w-]{8}\*{3}$/
const marked = expect.stringMatching(mark)

describe('the log of a sign-in', () => {
  createEmulatorBeforeEach()

  it('tells whose it is, and follows its tokens', async () => {
    const code = await getCode()
    expect(last()).toMatchObject({ client_id: 'webserver-app', user_id: 'user-1' })
    expect(last()).not.toHaveProperty('rotated')
    const { body } = await exchange(code)
    const whose = { client_id: 'webserver-app', user_id: 'user-1' }
    expect(last()).toMatchObject({ ...whose, grant: 'authorization_code' })
    const issued = last()?.rotated
    expect(issued).toEqual({ access_token: { new: marked }, refresh_token: { new: marked } })

    const { body: next } = await refreshOAuth(body.refresh_token)
    expect(last()).toMatchObject({ ...whose, grant: 'refresh_token' })
    const rotated = last()?.rotated
    expect(rotated).toEqual({
      access_token: { old: issued?.access_token.new, new: marked },
      refresh_token: { old: issued?.refresh_token.new, new: marked },
    })
    expect(rotated?.access_token.new).not.toBe(issued?.access_token.new)
    expect(last()?.params.refresh_token).toContain(rotated?.refresh_token.old)

    await getUser(next.access_token)
    expect(last()).toMatchObject(whose)
    expect(last()?.authorization).toContain(rotated?.access_token.new)
    expect(last()).not.toHaveProperty('rotated')

    await refreshOAuth(body.refresh_token)
    expect(last()).toMatchObject({ ...whose, status: 400, error: 'InvalidParameter.RefreshToken' })
    expect(last()).not.toHaveProperty('rotated')

    await revoke(next.refresh_token)
    expect(last()).toMatchObject({ ...whose, status: 204 })
    expect(last()?.rotated).toEqual({
      access_token: { old: rotated?.access_token.new },
      refresh_token: { old: rotated?.refresh_token.new },
    })
    await revoke(next.refresh_token)
    expect(last()).not.toHaveProperty('rotated')
  })

  it('tells what died with a code that was used twice', async () => {
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

  it('follows the tokens of a JWT application', async () => {
    const { body } = await getJwtToken()
    expect(last()).toMatchObject({ client_id: 'jwt-app', user_id: 'user-1', grant: 'jwt-bearer' })
    await refreshJwt(body.refresh_token)
    expect(last()).toMatchObject({ client_id: 'jwt-app', user_id: 'user-1', grant: 'refresh_token' })
    expect(last()?.rotated?.refresh_token).toEqual({ old: marked, new: marked })
  })

  it('follows tokens whose answer was lost', async () => {
    const { refresh_token } = await signIn()
    emulator.injectFault({ type: 'drop', when: 'after' })
    await refreshOAuth(refresh_token).catch(() => undefined)
    expect(last()).toMatchObject({ fault: 'drop', status: 0, user_id: 'user-1' })
    expect(last()?.rotated?.refresh_token).toEqual({ old: marked, new: marked })
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

  it('says nothing of whose token another application has sent', async () => {
    const { refresh_token } = await signIn()
    await refreshJwt(refresh_token)
    expect(last()).toMatchObject({ client_id: 'jwt-app', status: 400 })
    expect(last()).not.toHaveProperty('user_id')
  })

  it('knows an error wherever it stands', async () => {
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

describe('the log with a grace and families', () => {
  createEmulatorBeforeEach({ rotation: { grace: 1000, revokeFamily: true } })

  it('tells tokens that are given again, and families that died', async () => {
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
