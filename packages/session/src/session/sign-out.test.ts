import { memoryStore } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  failingStore,
  gate,
  holdTokens,
  hour,
  listen,
  startTestDomain,
  type TestDomain,
} from '../test/test-domain.test-helper.ts'

let domain: TestDomain

beforeEach(async () => {
  domain = await startTestDomain()
})

afterEach(async () => {
  await domain.close()
})

const userOf = (access_token: string) =>
  fetch(`${domain.api_endpoint}/v2/user/get`, {
    method: 'POST',
    headers: { authorization: `Bearer ${access_token}` },
  })

/** What a store holds, as text. */
function contents(store: ReturnType<typeof memoryStore>): { last: () => string } {
  let text = ''
  const { compareAndSet } = store
  store.compareAndSet = async (...record) => {
    const written = await compareAndSet(...record)
    if (written) text = record[1].data
    return written
  }
  return { last: () => text }
}

describe('signOut', () => {
  it('revokes the token, and forgets it for all who share the store', async () => {
    const store = memoryStore()
    const kept = contents(store)
    const [one, other] = [domain.oauth({ store }), domain.oauth({ store })]
    const token = await domain.signIn()
    await one.setToken(token)
    await other.getToken()
    const [told, toldOther] = [listen(one), listen(other)]
    expect(await one.signOut()).toEqual({ revoked: true })
    expect((await userOf(token.access_token)).status).toBe(401)
    for (const session of [one, other]) {
      await expect(session.getToken()).rejects.toMatchObject({ code: 'LoginRequired', cause: 'signed_out' })
    }
    expect(told).toEqual([{ type: 'signed_out', by: 'this' }])
    expect(toldOther).toEqual([{ type: 'signed_out', by: 'another' }])
    expect(kept.last()).not.toContain(token.access_token)
    expect(kept.last()).not.toContain(token.refresh_token)
  })

  it('of a JWT application lasts until another token is set', async () => {
    const session = domain.jwt()
    const { access_token } = await session.getToken()
    expect(await session.signOut()).toEqual({ revoked: true })
    await expect(session.getToken()).rejects.toMatchObject({ code: 'LoginRequired', cause: 'signed_out' })
    expect((await userOf(access_token)).status).toBe(401)
    const token = await domain.jwt().getToken()
    await session.setToken(token)
    expect(await session.getAccessToken()).toBe(token.access_token)
  })

  it('sends no token to a server that did not give it, and says so', async () => {
    const session = domain.oauth({}, { token_endpoint: 'http://127.0.0.1:9/token' })
    await session.setToken(await domain.signIn())
    const told = listen(session)
    const before = domain.emulator.requests.length
    expect(await session.signOut()).toEqual({ revoked: false })
    const error = { code: 'InvalidParameter', message: expect.stringContaining('revocation_endpoint') }
    expect(told).toMatchObject([{ type: 'signed_out' }, { type: 'error', error }])
    expect(domain.emulator.requests).toHaveLength(before)
  })

  it('is not undone by a refresh that is under way, whose token is revoked too', async () => {
    const store = memoryStore()
    const kept = contents(store)
    const response = gate()
    const session = domain.oauth({ store }, holdTokens(response.opened))
    await session.setToken(await domain.signIn())
    const told = listen(session)
    domain.emulator.clock.advance(2 * hour)
    const callers = Promise.allSettled(Array.from({ length: 50 }, () => session.getToken()))
    // Rotated, and its answer on the way.
    await expect.poll(() => domain.sends()).toBe(1)
    await session.signOut()
    response.open()
    for (const result of await callers) {
      expect(result).toMatchObject({ reason: { code: 'LoginRequired', cause: 'signed_out' } })
    }
    expect(kept.last()).not.toMatch(/access_token|refresh_token/)
    expect(told.map(({ type }) => type)).toEqual(['signed_out'])
    await expect
      .poll(() => domain.emulator.requests.filter(({ path }) => path.endsWith('revoke')))
      .toHaveLength(2)
    const revoked = domain.emulator.requests
      .filter(({ path }) => path === '/v2/account/revoke')
      .map(({ params }) => params.refresh_token)
    const refreshed = domain.emulator.requests.find(({ params }) => params.grant_type === 'refresh_token')
    expect(revoked).toContainEqual(
      (refreshed as { response: { refresh_token: string } }).response.refresh_token,
    )
  })

  it('of a session that has no token has nothing to revoke', async () => {
    const session = domain.oauth()
    expect(await session.signOut()).toEqual({ revoked: false })
    expect(await session.signOut()).toEqual({ revoked: false })
    await expect(session.getToken()).rejects.toMatchObject({ cause: 'signed_out' })
    expect(domain.emulator.requests).toEqual([])
  })

  it('without the service is one all the same, and says so', async () => {
    const session = domain.oauth()
    await session.setToken(await domain.signIn())
    const told = listen(session)
    domain.emulator.injectFault({ type: 'status', status: 500, path: '/v2/account/revoke', times: 9 })
    expect(await session.signOut()).toEqual({ revoked: false })
    expect(told).toMatchObject([{ type: 'signed_out' }, { type: 'error', error: { status: 500 } }])
    await expect(session.getToken()).rejects.toMatchObject({ cause: 'signed_out' })
  })

  it('without the store revokes the token, and throws', async () => {
    let fails = false
    const session = domain.oauth({ store: failingStore(() => (fails ? new Error('gone') : undefined)) })
    const { access_token, ...token } = await domain.signIn()
    await session.setToken({ access_token, ...token })
    fails = true
    await expect(session.signOut()).rejects.toMatchObject({ code: 'StoreFailed' })
    expect((await userOf(access_token)).status).toBe(401)
    // Nobody is given what is dead.
    await expect(session.getToken()).rejects.toMatchObject({ code: 'StoreFailed' })
  })
})

describe('a refresh that ends after a sign-out, while the store is away,', () => {
  it.each(['signOut', 'setToken'] as const)('does not undo it: %s', async (act) => {
    let fails = false
    const store = failingStore(() => (fails ? new Error('gone') : undefined))
    const response = gate()
    const session = domain.oauth({ store }, holdTokens(response.opened))
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    const another = await domain.signIn()
    const caller = session.getAccessToken().then(
      (token) => token,
      (error: { cause: unknown }) => error.cause,
    )
    await expect.poll(() => domain.sends()).toBe(1)
    await (act === 'signOut' ? session.signOut() : session.setToken(another))
    fails = true
    response.open()
    const expected = act === 'signOut' ? 'signed_out' : another.access_token
    const given = await caller
    // The store was away when it looked again.
    expect([expected, expect.any(Error)]).toContainEqual(given)
    fails = false
    expect(await session.getAccessToken().catch((error: { cause: unknown }) => error.cause)).toBe(expected)
    // What was refreshed is not left alive.
    const refreshed = domain.emulator.requests.find(({ params }) => params.grant_type === 'refresh_token')
    const { refresh_token } = (refreshed as { response: { refresh_token: string } }).response
    const revoked = () => domain.emulator.requests.filter(({ path }) => path === '/v2/account/revoke')
    await expect.poll(() => revoked().map(({ params }) => params.refresh_token)).toContainEqual(refresh_token)
  })
})

describe('setToken', () => {
  it('begins a sign-in, also after another one', async () => {
    const session = domain.oauth()
    const tokens = [await domain.signIn(), await domain.signIn()]
    for (const token of tokens) {
      await session.setToken(token)
      expect(await session.getAccessToken()).toBe(token.access_token)
    }
  })

  it('with the token that a sign-in began with does not bring it back', async () => {
    const session = domain.oauth()
    const token = await domain.signIn()
    await session.setToken(token)
    domain.emulator.clock.advance(2 * hour)
    const next = await session.getAccessToken()
    await session.setToken(token)
    expect(await session.getAccessToken()).toBe(next)
    await session.signOut()
    await session.setToken(token)
    await expect(session.getToken()).rejects.toMatchObject({ cause: 'signed_out' })
  })

  it('begins another one with another access token, though the refresh token be the same', async () => {
    const grant = { refresh: async () => ({ access_token: 'x' }) }
    const session = domain.oauth({ grant })
    await session.setToken({ access_token: 'a', refresh_token: 'for good', expires_in: 7200 })
    await session.signOut()
    await session.setToken({ access_token: 'b', refresh_token: 'for good', expires_in: 7200 })
    expect(await session.getAccessToken()).toBe('b')
  })

  it('with a token that has expired leads to its refresh', async () => {
    const token = await domain.signIn()
    domain.emulator.clock.advance(3 * hour)
    const session = domain.oauth()
    await session.setToken(token)
    expect(await session.getAccessToken()).not.toBe(token.access_token)
    expect(domain.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it('is not undone by a refresh of the one before', async () => {
    const store = memoryStore()
    const kept = contents(store)
    const response = gate()
    const session = domain.oauth({ store }, holdTokens(response.opened))
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    const { access_token, ...token } = await domain.signIn()
    const caller = session.getAccessToken()
    await expect.poll(() => kept.last()).toContain('intent')
    await session.setToken({ access_token, ...token })
    response.open()
    expect(await caller).toBe(access_token)
    expect(await session.getAccessToken()).toBe(access_token)
  })

  it.each([undefined, 'token', {}, { access_token: 7 }, { access_token: 'two\nlines' }])(
    'refuses %o',
    async (token) => {
      await expect(domain.oauth().setToken(token as never)).rejects.toMatchObject({
        code: 'InvalidParameter',
        message: /^setToken: the token must be/,
      })
    },
  )
})
