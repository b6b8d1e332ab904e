import { jwtGrant } from '@pds/auth-jwt'
import { PDSClient } from '@pds/client'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { createSession, memoryStore, type Session } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let emulator: RunningEmulator
let session: Session

beforeEach(async () => {
  emulator = await startEmulator()
  const { api_endpoint, domain_id } = emulator
  const { client_id, private_key_pem } = emulator.app('jwt')
  const { transport } = new PDSClient({ api_endpoint })
  const grant = jwtGrant({ transport, domain_id, client_id, private_key_pem, user_id: 'user-1' })
  session = createSession({ key: 'user-1', grant, store: memoryStore() })
})

afterEach(() => emulator.close())

const client = (options: object = {}) =>
  new PDSClient({ api_endpoint: emulator.api_endpoint, session, ...options })
const count = (path: string) => emulator.requests.filter((request) => request.path === path).length

describe('a client with a session', () => {
  it('sends its token, which any number of clients share', async () => {
    const clients = [client(), client(), client()]
    const users = await Promise.all(clients.map((each) => each.postAPI('/user/get')))
    for (const user of users) expect(user).toMatchObject({ user_id: 'user-1' })
    expect(count('/v2/oauth/token')).toBe(1)
    for (const { token_info } of clients)
      expect(token_info?.access_token).toBe(await session.getAccessToken())
  })

  it('sends a refused call once more, with another token', async () => {
    const one = client()
    await one.postAPI('/user/get')
    const { token_info } = one
    await session.signOut()
    await session.setToken({
      ...token_info,
      access_token: token_info?.access_token ?? '',
      refresh_token: undefined,
    })
    const users = await Promise.all(Array.from({ length: 10 }, () => one.postAPI('/user/get')))
    expect(users).toHaveLength(10)
    expect(count('/v2/oauth/token')).toBe(2)
    expect(count('/v2/user/get')).toBe(21)
  })

  it('sends a call twice at the most', async () => {
    emulator.injectFault({ type: 'status', status: 401, path: '/v2/user/get', times: 99 })
    await expect(client().postAPI('/user/get')).rejects.toMatchObject({
      code: 'AccessTokenInvalid',
      status: 401,
    })
    expect(count('/v2/user/get')).toBe(2)
    expect(count('/v2/oauth/token')).toBe(2)
  })

  it('fails as the session does', async () => {
    await session.signOut()
    await expect(client().postAPI('/user/get')).rejects.toMatchObject({
      code: 'LoginRequired',
      cause: 'signed_out',
      outcome: 'not-sent',
    })
    // A share token is enough by itself.
    emulator.injectFault({ type: 'status', status: 200, path: '/v2/user/get' })
    await client({ share_token: 'share' }).postAPI('/user/get')
    expect(emulator.requests.at(-1)).not.toHaveProperty('authorization')
  })

  it('sends a share token alone where the token beside it was refused, and there is no other', async () => {
    const refusing = {
      getToken: (options?: { rejected?: string | undefined }) => (options?.rejected ? signedOut() : ask()),
    }
    let asked = 0
    const ask = () => (asked++ === 0 ? session.getToken() : signedOut())
    const signedOut = async () => {
      await session.signOut()
      return session.getToken()
    }
    emulator.injectFault({ type: 'status', status: 401, path: '/v2/user/get' })
    emulator.injectFault({ type: 'status', status: 200, path: '/v2/user/get' })
    await client({ session: refusing, share_token: 'share' }).postAPI('/user/get')
    expect(emulator.requests.at(-1)).not.toHaveProperty('authorization')
  })

  it('sends its token beside a share token', async () => {
    await client({ share_token: 'share' }).postAPI('/user/get')
    expect(emulator.requests.at(-1)).toHaveProperty('authorization')
  })

  it('leaves the token to it', () => {
    const one = client()
    expect(() => one.setToken({ access_token: 'a' })).toThrow(
      "setToken: the token is the session's: use session.setToken",
    )
    expect(() => one.removeToken()).toThrow("removeToken: the token is the session's: use session.signOut")
    for (const option of [{ token_info: { access_token: 'a' } }, { refresh_token_fun: () => undefined }]) {
      expect(() => client(option)).toThrow(`session and ${Object.keys(option)[0]} are given`)
    }
    expect(() => client({ session: {} })).toThrow('session must be a session, such as createSession makes')
  })

  it('takes anything that gives a token, and says what it does not give', async () => {
    const own = (getToken: () => unknown) => client({ session: { getToken } }).postAPI('/user/get')
    expect(await own(() => session.getToken())).toHaveProperty('user_id')
    await expect(own(() => ({}))).rejects.toMatchObject({
      code: 'RefreshFailed',
      message: /must give a token/,
    })
    await expect(
      own(() => {
        throw Object.assign(new RangeError('no'), { secret: 'x' })
      }),
    ).rejects.toMatchObject({ code: 'RefreshFailed', cause: { name: 'RangeError', message: 'no' } })
  })
})
