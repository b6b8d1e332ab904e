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
  it('sends the token of the session, which clients share', async () => {
    const clients = [client(), client(), client()]
    const users = await Promise.all(clients.map((sharing) => sharing.postAPI('/user/get')))
    for (const user of users) expect(user).toMatchObject({ user_id: 'user-1' })
    expect(count('/v2/oauth/token')).toBe(1)
    for (const { token_info } of clients)
      expect(token_info?.access_token).toBe(await session.getAccessToken())
  })

  it('retries a rejected call with another token', async () => {
    const sharing = client()
    await sharing.postAPI('/user/get')
    const { token_info } = sharing
    await session.signOut()
    await session.setToken({
      ...token_info,
      access_token: token_info?.access_token ?? '',
      refresh_token: undefined,
    })
    const users = await Promise.all(Array.from({ length: 10 }, () => sharing.postAPI('/user/get')))
    expect(users).toHaveLength(10)
    expect(count('/v2/oauth/token')).toBe(2)
    expect(count('/v2/user/get')).toBe(21)
  })

  it('sends a call at most twice', async () => {
    emulator.injectFault({ type: 'status', status: 401, path: '/v2/user/get', times: 99 })
    await expect(client().postAPI('/user/get')).rejects.toMatchObject({
      code: 'AccessTokenInvalid',
      status: 401,
    })
    expect(count('/v2/user/get')).toBe(2)
    expect(count('/v2/oauth/token')).toBe(2)
  })

  it('fails with the error of the session', async () => {
    await session.signOut()
    await expect(client().postAPI('/user/get')).rejects.toMatchObject({
      code: 'LoginRequired',
      cause: 'signed_out',
      outcome: 'not-sent',
    })
    // A share token needs no access token.
    emulator.injectFault({ type: 'status', status: 200, path: '/v2/user/get' })
    await client({ share_token: 'share' }).postAPI('/user/get')
    expect(emulator.requests.at(-1)).not.toHaveProperty('authorization')
  })

  it('sends a share token alone if the access token was rejected and the session has no new token', async () => {
    const endingSession = {
      getToken: (options?: { rejected?: string | undefined }) =>
        options?.rejected ? signedOut() : firstToken(),
    }
    let calls = 0
    const firstToken = () => (calls++ === 0 ? session.getToken() : signedOut())
    const signedOut = async () => {
      await session.signOut()
      return session.getToken()
    }
    emulator.injectFault({ type: 'status', status: 401, path: '/v2/user/get' })
    emulator.injectFault({ type: 'status', status: 200, path: '/v2/user/get' })
    await client({ session: endingSession, share_token: 'share' }).postAPI('/user/get')
    expect(emulator.requests.at(-1)).not.toHaveProperty('authorization')
  })

  it('sends its token with a share token', async () => {
    await client({ share_token: 'share' }).postAPI('/user/get')
    expect(emulator.requests.at(-1)).toHaveProperty('authorization')
  })

  it('does not set or remove tokens', () => {
    const sharing = client()
    expect(() => sharing.setToken({ access_token: 'a' })).toThrow(
      'setToken is not available with a session: use session.setToken',
    )
    expect(() => sharing.removeToken()).toThrow(
      'removeToken is not available with a session: use session.signOut',
    )
    for (const option of [{ token_info: { access_token: 'a' } }, { refresh_token_fun: () => undefined }]) {
      expect(() => client(option)).toThrow(`session and ${Object.keys(option)[0]} are exclusive`)
    }
    expect(() => client({ session: {} })).toThrow('session must be a session, for example of createSession')
  })

  it('accepts any object with getToken, and rejects invalid results', async () => {
    const callWith = (getToken: () => unknown) => client({ session: { getToken } }).postAPI('/user/get')
    expect(await callWith(() => session.getToken())).toHaveProperty('user_id')
    await expect(callWith(() => ({}))).rejects.toMatchObject({
      code: 'RefreshFailed',
      message: /must return a token/,
    })
    await expect(
      callWith(() => {
        throw Object.assign(new RangeError('no'), { secret: 'x' })
      }),
    ).rejects.toMatchObject({ code: 'RefreshFailed', cause: { name: 'RangeError', message: 'no' } })
  })
})
