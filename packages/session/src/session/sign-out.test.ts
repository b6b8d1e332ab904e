import { createSession, memoryStore } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  delayTokens,
  failingStore,
  gate,
  hour,
  recordEvents,
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

/** Records the data that was last written to a store. */
function recordWrites(store: ReturnType<typeof memoryStore>): { last: () => string } {
  let text = ''
  const { compareAndSet } = store
  store.compareAndSet = async (...record) => {
    const isWritten = await compareAndSet(...record)
    if (isWritten) text = record[1].data
    return isWritten
  }
  return { last: () => text }
}

describe('signOut', () => {
  it('revokes the token and removes it for all sessions that share the store', async () => {
    const store = memoryStore()
    const written = recordWrites(store)
    const [one, other] = [domain.oauth({ store }), domain.oauth({ store })]
    const token = await domain.signIn()
    await one.setToken(token)
    await other.getToken()
    const [events, otherEvents] = [recordEvents(one), recordEvents(other)]
    expect(await one.signOut()).toEqual({ revoked: true })
    expect((await userOf(token.access_token)).status).toBe(401)
    for (const session of [one, other]) {
      await expect(session.getToken()).rejects.toMatchObject({ code: 'LoginRequired', cause: 'signed_out' })
    }
    expect(events).toEqual([{ type: 'signed_out', by: 'this' }])
    expect(otherEvents).toEqual([{ type: 'signed_out', by: 'another' }])
    expect(written.last()).not.toContain(token.access_token)
    expect(written.last()).not.toContain(token.refresh_token)
  })

  it('of a JWT application lasts until setToken', async () => {
    const session = domain.jwt()
    const { access_token } = await session.getToken()
    expect(await session.signOut()).toEqual({ revoked: true })
    await expect(session.getToken()).rejects.toMatchObject({ code: 'LoginRequired', cause: 'signed_out' })
    expect((await userOf(access_token)).status).toBe(401)
    const token = await domain.jwt().getToken()
    await session.setToken(token)
    expect(await session.getAccessToken()).toBe(token.access_token)
  })

  it('does not send a token of another issuer to the service, and emits an error', async () => {
    const session = domain.oauth({}, { token_endpoint: 'http://127.0.0.1:9/token' })
    await session.setToken(await domain.signIn())
    const events = recordEvents(session)
    const before = domain.emulator.requests.length
    expect(await session.signOut()).toEqual({ revoked: false })
    const error = { code: 'InvalidParameter', message: expect.stringContaining('revocation_endpoint') }
    expect(events).toMatchObject([{ type: 'signed_out' }, { type: 'error', error }])
    expect(domain.emulator.requests).toHaveLength(before)
  })

  it('is not undone by a refresh that is under way, and revokes the refreshed token', async () => {
    const store = memoryStore()
    const written = recordWrites(store)
    const response = gate()
    const session = domain.oauth({ store }, delayTokens(response.opened))
    await session.setToken(await domain.signIn())
    const events = recordEvents(session)
    domain.emulator.clock.advance(2 * hour)
    const callers = Promise.allSettled(Array.from({ length: 50 }, () => session.getToken()))
    // The server has rotated the token, and its response is delayed.
    await expect.poll(() => domain.sends()).toBe(1)
    await session.signOut()
    response.open()
    for (const result of await callers) {
      expect(result).toMatchObject({ reason: { code: 'LoginRequired', cause: 'signed_out' } })
    }
    expect(written.last()).not.toMatch(/access_token|refresh_token/)
    expect(events.map(({ type }) => type)).toEqual(['signed_out'])
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

  it('without a token revokes nothing', async () => {
    const session = domain.oauth()
    expect(await session.signOut()).toEqual({ revoked: false })
    expect(await session.signOut()).toEqual({ revoked: false })
    await expect(session.getToken()).rejects.toMatchObject({ cause: 'signed_out' })
    expect(domain.emulator.requests).toEqual([])
  })

  it('calls signOut of the grant instead of revoke, also without a token', async () => {
    const calls: unknown[] = []
    const session = createSession({
      key: 'me',
      grant: {
        obtain: async () => ({ access_token: 'a', refresh_token: 'r' }),
        revoke: () => calls.push('revoke'),
        signOut: ({ timeout, signal }) => calls.push({ timeout, aborted: signal.aborted }),
      },
    })
    expect(await session.signOut()).toEqual({ revoked: true })
    await session.setToken({ access_token: 'b', refresh_token: 's' })
    expect(await session.signOut()).toEqual({ revoked: true })
    const call = { timeout: 10_000, aborted: false }
    expect(calls).toEqual([call, call])
  })

  it('takes effect although signOut of the grant fails, and emits an error', async () => {
    const session = createSession({
      key: 'me',
      grant: {
        obtain: async () => ({ access_token: 'a' }),
        signOut() {
          throw new Error('offline')
        },
      },
    })
    await session.getToken()
    const events = recordEvents(session)
    expect(await session.signOut()).toEqual({ revoked: false })
    const error = { code: 'RefreshFailed', message: "the grant's signOut threw, see cause" }
    expect(events).toMatchObject([{ type: 'signed_out' }, { type: 'error', error }])
    await expect(session.getToken()).rejects.toMatchObject({ cause: 'signed_out' })
  })

  it('takes effect although the revocation fails, and emits an error', async () => {
    const session = domain.oauth()
    await session.setToken(await domain.signIn())
    const events = recordEvents(session)
    domain.emulator.injectFault({ type: 'status', status: 500, path: '/v2/account/revoke', times: 9 })
    expect(await session.signOut()).toEqual({ revoked: false })
    expect(events).toMatchObject([{ type: 'signed_out' }, { type: 'error', error: { status: 500 } }])
    await expect(session.getToken()).rejects.toMatchObject({ cause: 'signed_out' })
  })

  it('revokes the token and throws if the store fails', async () => {
    let fails = false
    const session = domain.oauth({ store: failingStore(() => (fails ? new Error('gone') : undefined)) })
    const { access_token, ...token } = await domain.signIn()
    await session.setToken({ access_token, ...token })
    fails = true
    await expect(session.signOut()).rejects.toMatchObject({ code: 'StoreFailed' })
    expect((await userOf(access_token)).status).toBe(401)
    // The revoked token is not returned.
    await expect(session.getToken()).rejects.toMatchObject({ code: 'StoreFailed' })
  })
})

describe('a refresh that ends while the store is unavailable', () => {
  it.each(['signOut', 'setToken'] as const)('does not undo an earlier %s', async (act) => {
    let fails = false
    const store = failingStore(() => (fails ? new Error('gone') : undefined))
    const response = gate()
    const session = domain.oauth({ store }, delayTokens(response.opened))
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
    const result = await caller
    // A StoreFailed, if the store was unavailable when the session read it again.
    expect([expected, expect.any(Error)]).toContainEqual(result)
    fails = false
    expect(await session.getAccessToken().catch((error: { cause: unknown }) => error.cause)).toBe(expected)
    // The refreshed token is revoked.
    const refreshed = domain.emulator.requests.find(({ params }) => params.grant_type === 'refresh_token')
    const { refresh_token } = (refreshed as { response: { refresh_token: string } }).response
    const revoked = () => domain.emulator.requests.filter(({ path }) => path === '/v2/account/revoke')
    await expect.poll(() => revoked().map(({ params }) => params.refresh_token)).toContainEqual(refresh_token)
  })
})

describe('setToken', () => {
  it('starts a sign-in, even if there is one', async () => {
    const session = domain.oauth()
    const tokens = [await domain.signIn(), await domain.signIn()]
    for (const token of tokens) {
      await session.setToken(token)
      expect(await session.getAccessToken()).toBe(token.access_token)
    }
  })

  it('with the token that started the current sign-in changes nothing, and fails after signOut', async () => {
    const session = domain.oauth()
    const token = await domain.signIn()
    await session.setToken(token)
    domain.emulator.clock.advance(2 * hour)
    const next = await session.getAccessToken()
    await session.setToken(token)
    expect(await session.getAccessToken()).toBe(next)
    await session.signOut()
    const error = { code: 'LoginRequired', cause: 'signed_out', message: /signed out: sign in again/ }
    await expect(session.setToken(token)).rejects.toMatchObject(error)
    await expect(session.getToken()).rejects.toMatchObject({ cause: 'signed_out' })
  })

  it('starts another sign-in if only the access token differs', async () => {
    const grant = { refresh: async () => ({ access_token: 'x' }) }
    const session = domain.oauth({ grant })
    await session.setToken({ access_token: 'a', refresh_token: 'permanent', expires_in: 7200 })
    await session.signOut()
    await session.setToken({ access_token: 'b', refresh_token: 'permanent', expires_in: 7200 })
    expect(await session.getAccessToken()).toBe('b')
  })

  it('with an expired token leads to a refresh', async () => {
    const token = await domain.signIn()
    domain.emulator.clock.advance(3 * hour)
    const session = domain.oauth()
    await session.setToken(token)
    expect(await session.getAccessToken()).not.toBe(token.access_token)
    expect(domain.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it('is not undone by a refresh of the previous token', async () => {
    const store = memoryStore()
    const written = recordWrites(store)
    const response = gate()
    const session = domain.oauth({ store }, delayTokens(response.opened))
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    const { access_token, ...token } = await domain.signIn()
    const caller = session.getAccessToken()
    await expect.poll(() => written.last()).toContain('intent')
    await session.setToken({ access_token, ...token })
    response.open()
    expect(await caller).toBe(access_token)
    expect(await session.getAccessToken()).toBe(access_token)
  })

  it.each([
    undefined,
    'token',
    {},
    { access_token: 7 },
    { access_token: 'two\nlines' },
    { access_token: 'a', token_type: 'DPoP' },
  ])('rejects %o', async (token) => {
    await expect(domain.oauth().setToken(token as never)).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: /^setToken: token\.(access_token|token_type) must be/,
    })
  })
})
