import { describe, expect, it } from 'vitest'
import {
  createEmulatorBeforeEach,
  emulator,
  exchange,
  type Fields,
  getCode,
  getJwtToken,
  getUser,
  refreshJwt,
  refreshOAuth,
  signIn,
} from '../test/emulator-requests.test-helper.ts'
import type { Grant } from './token-pair.ts'
import { TokenRegistry } from './token-registry.ts'

const grace = 10_000
const kinds = [
  ['of a JWT application', async () => (await getJwtToken()).body, refreshJwt],
  ['of an OAuth application', signIn, refreshOAuth],
] as const

const refused = { status: 400, body: { code: 'InvalidParameter.RefreshToken' } }
/** The statuses of a call with the access token, and of a refresh, which spends the refresh token. */
const tryTokens = async ({ access_token, refresh_token }: Fields) => [
  (await getUser(access_token)).status,
  (await refreshOAuth(refresh_token)).status,
]

describe('a spent refresh token', () => {
  createEmulatorBeforeEach()

  it('is refused, and nothing else happens', async () => {
    const old = await signIn()
    const next = (await refreshOAuth(old.refresh_token)).body
    expect(await refreshOAuth(old.refresh_token)).toMatchObject(refused)
    expect(await tryTokens(next)).toEqual([200, 200])
  })
})

describe('in its grace, a spent refresh token', () => {
  createEmulatorBeforeEach({ rotation: { grace } })

  it.each(kinds)('%s gives the same tokens again', async (_what, obtain, refresh) => {
    const old = await obtain()
    const first = await refresh(old.refresh_token)
    emulator.clock.advance(grace - 1)
    const again = await refresh(old.refresh_token)
    expect(again).toMatchObject({ status: 200, body: { ...first.body, expires_in: 7190 } })
    expect(first.body.expires_in).toBe(7200)
    expect((await getUser(old.access_token)).status).toBe(401)
    expect((await getUser(first.body.access_token)).status).toBe(200)
    emulator.clock.advance(1)
    expect(await refresh(old.refresh_token)).toMatchObject(refused)
    expect((await refresh(first.body.refresh_token)).status).toBe(200)
  })

  it.each(kinds)('%s gives all of many requests at once the same tokens', async (_what, obtain, refresh) => {
    const { refresh_token } = await obtain()
    const responses = await Promise.all(Array.from({ length: 8 }, () => refresh(refresh_token)))
    for (const response of responses) {
      expect(response).toMatchObject({ status: 200, body: { ...responses[0]?.body } })
    }
    expect(emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it('is refused once what it gave is spent, and nothing else happens', async () => {
    const old = await signIn()
    const next = (await refreshOAuth(old.refresh_token)).body
    const afterNext = (await refreshOAuth(next.refresh_token)).body
    expect(await refreshOAuth(old.refresh_token)).toMatchObject(refused)
    expect((await refreshOAuth(next.refresh_token)).body).toEqual(afterNext)
    expect(await tryTokens(afterNext)).toEqual([200, 200])
  })

  it('is refused to other applications', async () => {
    const old = await signIn()
    await refreshOAuth(old.refresh_token)
    expect(await refreshJwt(old.refresh_token)).toMatchObject(refused)
  })
})

describe('with a grace that is longer than the tokens live', () => {
  createEmulatorBeforeEach({ rotation: { grace: 30 * 24 * 3_600_000 } })

  it('a spent refresh token gives no dead access token', async () => {
    const old = await signIn()
    const next = (await refreshOAuth(old.refresh_token)).body
    emulator.clock.advance(7_199_000)
    expect((await refreshOAuth(old.refresh_token)).body).toEqual({ ...next, expires_in: 1 })
    emulator.clock.advance(1000)
    expect(await refreshOAuth(old.refresh_token)).toMatchObject(refused)
  })
})

describe('with revokeFamily', () => {
  createEmulatorBeforeEach({ rotation: { revokeFamily: true } })

  it.each(kinds)('a spent refresh token %s kills all of its sign-in', async (_what, obtain, refresh) => {
    const [old, other] = [await obtain(), await obtain()]
    const next = (await refresh(old.refresh_token)).body
    const afterNext = (await refresh(next.refresh_token)).body
    expect(await refresh(old.refresh_token)).toMatchObject(refused)
    expect((await getUser(afterNext.access_token)).status).toBe(401)
    expect(await refresh(afterNext.refresh_token)).toMatchObject(refused)
    expect((await getUser(other.access_token)).status).toBe(200)
    expect((await refresh(other.refresh_token)).status).toBe(200)
  })

  it('one of two requests at once wins tokens that are dead', async () => {
    const { refresh_token } = await signIn()
    const responses = await Promise.all([refreshOAuth(refresh_token), refreshOAuth(refresh_token)])
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 400])
    const won = responses.find(({ status }) => status === 200)
    expect(await tryTokens(won?.body ?? {})).toEqual([401, 400])
  })

  it('an expired refresh token, or one in the hands of another application, kills nothing', async () => {
    const old = await signIn()
    const next = (await refreshOAuth(old.refresh_token)).body
    expect(await refreshJwt(old.refresh_token)).toMatchObject(refused)
    expect((await getUser(next.access_token)).status).toBe(200)
    emulator.clock.advance(7 * 24 * 3_600_000)
    expect(await refreshOAuth(next.refresh_token)).toMatchObject(refused)
    emulator.clock.advance(-1)
    expect((await refreshOAuth(next.refresh_token)).status).toBe(200)
  })
})

describe('with revokeFamily and a grace', () => {
  createEmulatorBeforeEach({ rotation: { revokeFamily: true, grace } })

  it('a spent refresh token kills its sign-in once its grace is over', async () => {
    const old = await signIn()
    const next = (await refreshOAuth(old.refresh_token)).body
    expect((await refreshOAuth(old.refresh_token)).body).toEqual(next)
    emulator.clock.advance(grace)
    expect(await refreshOAuth(old.refresh_token)).toMatchObject(refused)
    expect(await tryTokens(next)).toEqual([401, 400])
  })

  it('a spent refresh token kills its sign-in once what it gave is spent', async () => {
    const old = await signIn()
    const next = (await refreshOAuth(old.refresh_token)).body
    const afterNext = (await refreshOAuth(next.refresh_token)).body
    expect(await refreshOAuth(old.refresh_token)).toMatchObject(refused)
    expect(await refreshOAuth(next.refresh_token)).toMatchObject(refused)
    expect(await tryTokens(afterNext)).toEqual([401, 400])
  })
})

describe('the count of dead tokens', () => {
  createEmulatorBeforeEach()

  it('has each use of a token that was replaced, spent or has expired', async () => {
    const old = await signIn()
    const next = (await refreshOAuth(old.refresh_token)).body
    expect(emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
    await tryTokens(old)
    await tryTokens(old)
    expect(emulator.invalidTokenUses).toEqual({ access: 2, refresh: 2 })
    emulator.clock.advance(7_200_000)
    await getUser(next.access_token)
    expect(emulator.invalidTokenUses).toEqual({ access: 3, refresh: 2 })
    emulator.clock.advance(7 * 24 * 3_600_000)
    await refreshOAuth(next.refresh_token)
    expect(emulator.invalidTokenUses).toEqual({ access: 3, refresh: 3 })
  })

  it('has what died with its code', async () => {
    const code = await getCode()
    const { body } = await exchange(code)
    await exchange(code)
    await tryTokens(body)
    expect(emulator.invalidTokenUses).toEqual({ access: 1, refresh: 1 })
  })

  it('has the losers among many requests at once', async () => {
    const { refresh_token } = await signIn()
    await Promise.all(Array.from({ length: 8 }, () => refreshOAuth(refresh_token)))
    expect(emulator.invalidTokenUses).toEqual({ access: 0, refresh: 7 })
  })

  it('has nothing that was never issued or not carried out, and no living token of another application', async () => {
    const { access_token, refresh_token } = await signIn()
    await tryTokens({ access_token: 'not.a.token', refresh_token: 'unknown' })
    await tryTokens({ access_token: refresh_token, refresh_token: access_token })
    await refreshJwt(refresh_token)
    await refreshOAuth(refresh_token)
    emulator.injectFault({ type: 'status', status: 503 })
    await refreshOAuth(refresh_token)
    expect(emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it('is a picture of its moment', async () => {
    const before = emulator.invalidTokenUses
    const old = await signIn()
    await refreshOAuth(old.refresh_token)
    await getUser(old.access_token)
    expect([before, emulator.invalidTokenUses]).toEqual([
      { access: 0, refresh: 0 },
      { access: 1, refresh: 0 },
    ])
    expect(Object.isFrozen(before)).toBe(true)
  })
})

describe('while tokens are signed', () => {
  const now = 0
  const grant = { client_id: 'app' } as Grant
  let signed: (() => void)[] = []

  /** A registry whose signatures wait until they are let go, and a refresh that is under way. */
  async function start(rotation = {}) {
    signed = []
    let count = 0
    const registry = new TokenRegistry({ grace: 0, revokeFamily: false, ...rotation }, () => {
      const token = `access-${++count}`
      return new Promise((resolve) => signed.push(() => resolve(token)))
    })
    const old = registry.issue({ ...grant }, now)
    signed[0]?.()
    await old.access_token
    return { registry, old, next: registry.refresh(old.refresh_token, 'app', now) }
  }

  async function finish(registry: TokenRegistry, next: ReturnType<TokenRegistry['issue']>) {
    signed[1]?.()
    const access_token = await next.access_token
    const isValid = (use: () => unknown) => {
      try {
        use()
        return true
      } catch {
        return false
      }
    }
    return [
      isValid(() => registry.findGrant(access_token, now)),
      isValid(() => registry.refresh(next.refresh_token, 'app', now)),
    ]
  }

  it('a spent refresh token is spent', async () => {
    const { registry, old, next } = await start()
    expect(() => registry.refresh(old.refresh_token, 'app', now)).toThrow('refresh_token is not valid')
    expect(await finish(registry, next)).toEqual([true, true])
  })

  it('a grace gives the same tokens', async () => {
    const { registry, old, next } = await start({ grace })
    expect(registry.refresh(old.refresh_token, 'app', now)).toBe(next)
    expect(await finish(registry, next)).toEqual([true, true])
  })

  it.each([
    ['strict', {}],
    ['with a grace', { grace }],
    ['with a grace that is over', { grace: 1 }],
  ])('a revoked grant gets no living ones, %s', async (_what, rotation) => {
    const { registry, old, next } = await start(rotation)
    registry.revoke(old.refresh_token, 'app', now + 5)
    expect(await finish(registry, next)).toEqual([false, false])
    expect(() => registry.refresh(old.refresh_token, 'app', now)).toThrow('refresh_token is not valid')
    expect(registry.invalidTokenUses).toEqual({ access: 1, refresh: 2 })
  })

  it('a family that is revoked gets no living ones', async () => {
    const { registry, old, next } = await start({ revokeFamily: true })
    expect(() => registry.refresh(old.refresh_token, 'app', now)).toThrow('refresh_token is not valid')
    expect(await finish(registry, next)).toEqual([false, false])
  })

  it('another application revokes nothing', async () => {
    const { registry, old, next } = await start()
    registry.revoke(old.refresh_token, 'other', now)
    expect(await finish(registry, next)).toEqual([true, true])
  })
})
