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

const rejected = { status: 400, body: { code: 'InvalidParameter.RefreshToken' } }
/** Returns the status of a call with the access token and of a refresh, which spends the refresh token. */
const tryTokens = async ({ access_token, refresh_token }: Fields) => [
  (await getUser(access_token)).status,
  (await refreshOAuth(refresh_token)).status,
]

describe('a spent refresh token', () => {
  createEmulatorBeforeEach()

  it('is rejected without further effect', async () => {
    const old = await signIn()
    const next = (await refreshOAuth(old.refresh_token)).body
    expect(await refreshOAuth(old.refresh_token)).toMatchObject(rejected)
    expect(await tryTokens(next)).toEqual([200, 200])
  })
})

describe('in its grace period, a spent refresh token', () => {
  createEmulatorBeforeEach({ rotation: { grace } })

  it.each(kinds)('%s returns the same tokens again', async (_what, obtain, refresh) => {
    const old = await obtain()
    const first = await refresh(old.refresh_token)
    emulator.clock.advance(grace - 1)
    const again = await refresh(old.refresh_token)
    expect(again).toMatchObject({ status: 200, body: { ...first.body, expires_in: 7190 } })
    expect(first.body.expires_in).toBe(7200)
    expect((await getUser(old.access_token)).status).toBe(401)
    expect((await getUser(first.body.access_token)).status).toBe(200)
    emulator.clock.advance(1)
    expect(await refresh(old.refresh_token)).toMatchObject(rejected)
    expect((await refresh(first.body.refresh_token)).status).toBe(200)
  })

  it.each(kinds)('%s returns the same tokens to many concurrent requests', async (_what, obtain, refresh) => {
    const { refresh_token } = await obtain()
    const responses = await Promise.all(Array.from({ length: 8 }, () => refresh(refresh_token)))
    for (const response of responses) {
      expect(response).toMatchObject({ status: 200, body: { ...responses[0]?.body } })
    }
    expect(emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it('is rejected without further effect once its successor is spent', async () => {
    const old = await signIn()
    const next = (await refreshOAuth(old.refresh_token)).body
    const afterNext = (await refreshOAuth(next.refresh_token)).body
    expect(await refreshOAuth(old.refresh_token)).toMatchObject(rejected)
    expect((await refreshOAuth(next.refresh_token)).body).toEqual(afterNext)
    expect(await tryTokens(afterNext)).toEqual([200, 200])
  })

  it('is rejected for other applications', async () => {
    const old = await signIn()
    await refreshOAuth(old.refresh_token)
    expect(await refreshJwt(old.refresh_token)).toMatchObject(rejected)
  })
})

describe('with a grace period longer than the lifetime of the tokens', () => {
  createEmulatorBeforeEach({ rotation: { grace: 30 * 24 * 3_600_000 } })

  it('a spent refresh token never returns an expired access token', async () => {
    const old = await signIn()
    const next = (await refreshOAuth(old.refresh_token)).body
    emulator.clock.advance(7_199_000)
    expect((await refreshOAuth(old.refresh_token)).body).toEqual({ ...next, expires_in: 1 })
    emulator.clock.advance(1000)
    expect(await refreshOAuth(old.refresh_token)).toMatchObject(rejected)
  })
})

describe('with revokeFamily', () => {
  createEmulatorBeforeEach({ rotation: { revokeFamily: true } })

  it.each(kinds)(
    'a spent refresh token %s revokes all tokens of its sign-in',
    async (_what, obtain, refresh) => {
      const [old, other] = [await obtain(), await obtain()]
      const next = (await refresh(old.refresh_token)).body
      const afterNext = (await refresh(next.refresh_token)).body
      expect(await refresh(old.refresh_token)).toMatchObject(rejected)
      expect((await getUser(afterNext.access_token)).status).toBe(401)
      expect(await refresh(afterNext.refresh_token)).toMatchObject(rejected)
      expect((await getUser(other.access_token)).status).toBe(200)
      expect((await refresh(other.refresh_token)).status).toBe(200)
    },
  )

  it('two concurrent requests leave no valid tokens', async () => {
    const { refresh_token } = await signIn()
    const responses = await Promise.all([refreshOAuth(refresh_token), refreshOAuth(refresh_token)])
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 400])
    const winner = responses.find(({ status }) => status === 200)
    expect(await tryTokens(winner?.body ?? {})).toEqual([401, 400])
  })

  it('an expired refresh token, or a request of another application, revokes nothing', async () => {
    const old = await signIn()
    const next = (await refreshOAuth(old.refresh_token)).body
    expect(await refreshJwt(old.refresh_token)).toMatchObject(rejected)
    expect((await getUser(next.access_token)).status).toBe(200)
    emulator.clock.advance(7 * 24 * 3_600_000)
    expect(await refreshOAuth(next.refresh_token)).toMatchObject(rejected)
    emulator.clock.advance(-1)
    expect((await refreshOAuth(next.refresh_token)).status).toBe(200)
  })
})

describe('with revokeFamily and a grace period', () => {
  createEmulatorBeforeEach({ rotation: { revokeFamily: true, grace } })

  it('a spent refresh token revokes its sign-in after the grace period', async () => {
    const old = await signIn()
    const next = (await refreshOAuth(old.refresh_token)).body
    expect((await refreshOAuth(old.refresh_token)).body).toEqual(next)
    emulator.clock.advance(grace)
    expect(await refreshOAuth(old.refresh_token)).toMatchObject(rejected)
    expect(await tryTokens(next)).toEqual([401, 400])
  })

  it('a spent refresh token revokes its sign-in once its successor is spent', async () => {
    const old = await signIn()
    const next = (await refreshOAuth(old.refresh_token)).body
    const afterNext = (await refreshOAuth(next.refresh_token)).body
    expect(await refreshOAuth(old.refresh_token)).toMatchObject(rejected)
    expect(await refreshOAuth(next.refresh_token)).toMatchObject(rejected)
    expect(await tryTokens(afterNext)).toEqual([401, 400])
  })
})

describe('invalidTokenUses', () => {
  createEmulatorBeforeEach()

  it('counts each use of a replaced, spent or expired token', async () => {
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

  it('counts uses of tokens that were revoked with their code', async () => {
    const code = await getCode()
    const { body } = await exchange(code)
    await exchange(code)
    await tryTokens(body)
    expect(emulator.invalidTokenUses).toEqual({ access: 1, refresh: 1 })
  })

  it('counts the rejected ones of many concurrent requests', async () => {
    const { refresh_token } = await signIn()
    await Promise.all(Array.from({ length: 8 }, () => refreshOAuth(refresh_token)))
    expect(emulator.invalidTokenUses).toEqual({ access: 0, refresh: 7 })
  })

  it('does not count unknown tokens, faulty requests and valid tokens of another application', async () => {
    const { access_token, refresh_token } = await signIn()
    await tryTokens({ access_token: 'not.a.token', refresh_token: 'unknown' })
    await tryTokens({ access_token: refresh_token, refresh_token: access_token })
    await refreshJwt(refresh_token)
    await refreshOAuth(refresh_token)
    emulator.injectFault({ type: 'status', status: 503 })
    await refreshOAuth(refresh_token)
    expect(emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it('is a frozen snapshot', async () => {
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

describe('while new tokens are being signed', () => {
  const now = 0
  const grant = { client_id: 'app' } as Grant
  let signed: (() => void)[] = []

  /** Creates a registry whose signatures wait for `finish`, and starts a refresh. */
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

  it('a spent refresh token is already rejected', async () => {
    const { registry, old, next } = await start()
    expect(() => registry.refresh(old.refresh_token, 'app', now)).toThrow('refresh_token is not valid')
    expect(await finish(registry, next)).toEqual([true, true])
  })

  it('a grace period returns the same tokens', async () => {
    const { registry, old, next } = await start({ grace })
    expect(registry.refresh(old.refresh_token, 'app', now)).toBe(next)
    expect(await finish(registry, next)).toEqual([true, true])
  })

  it.each([
    ['strict', {}],
    ['with a grace period', { grace }],
    ['after the grace period', { grace: 1 }],
  ])('a revocation invalidates the new tokens, %s', async (_what, rotation) => {
    const { registry, old, next } = await start(rotation)
    registry.revoke(old.refresh_token, 'app', now + 5)
    expect(await finish(registry, next)).toEqual([false, false])
    expect(() => registry.refresh(old.refresh_token, 'app', now)).toThrow('refresh_token is not valid')
    expect(registry.invalidTokenUses).toEqual({ access: 1, refresh: 2 })
  })

  it('revokeFamily invalidates the new tokens', async () => {
    const { registry, old, next } = await start({ revokeFamily: true })
    expect(() => registry.refresh(old.refresh_token, 'app', now)).toThrow('refresh_token is not valid')
    expect(await finish(registry, next)).toEqual([false, false])
  })

  it('another application cannot revoke them', async () => {
    const { registry, old, next } = await start()
    registry.revoke(old.refresh_token, 'other', now)
    expect(await finish(registry, next)).toEqual([true, true])
  })
})
