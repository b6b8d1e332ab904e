import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { failingStore, hour, listen, startTestDomain, type TestDomain } from './test-domain.test-helper.ts'

/* A store that fails now and then: what one process knows is not lost for it, and nobody sends what is spent. */

let domain: TestDomain
let failure: Parameters<typeof failingStore>[0]
const diskFull = () => new Error('database or disk is full')
const store = () => failingStore((...operation) => failure(...operation))

beforeEach(async () => {
  domain = await startTestDomain()
  failure = () => undefined
})

afterEach(async () => {
  await domain.close()
})

describe('a store that does not take the token of a refresh', () => {
  it('three times costs no caller a token, and no other session spends the old one', async () => {
    const shared = store()
    const [one, other] = [domain.oauth({ store: shared }), domain.oauth({ store: shared })]
    await one.setToken(await domain.signIn())
    const told = listen(one)
    domain.emulator.clock.advance(2 * hour)
    let writes = 0
    // The intent, then the token: tried four times.
    failure = (operation) => (operation === 'cas' && ++writes > 1 && writes < 5 ? diskFull() : undefined)
    const [first, second] = await Promise.all([one.getAccessToken(), other.getAccessToken()])
    expect(second).toBe(first)
    expect(writes).toBe(5)
    expect(domain.sends()).toBe(1)
    expect(domain.emulator.deadTokens).toEqual({ access: 0, refresh: 0 })
    expect(told.map(({ type }) => type)).toEqual(['refreshed', 'error'])
    expect(told[1]).toMatchObject({
      error: { code: 'StoreFailed', cause: { message: 'database or disk is full' } },
    })
    expect(await one.getAccessToken()).toBe(first)
  })

  it('is given it before the next refresh', async () => {
    const session = domain.oauth({ store: store() })
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    let writes = 0
    failure = (operation) => (operation === 'cas' && ++writes > 1 ? diskFull() : undefined)
    const token = await session.getAccessToken()
    domain.emulator.clock.advance(2 * hour)
    await expect(session.getToken()).rejects.toMatchObject({ code: 'StoreFailed', outcome: 'not-sent' })
    failure = () => undefined
    expect(await session.getAccessToken()).not.toBe(token)
    expect(domain.sends()).toBe(2)
    expect(domain.emulator.deadTokens).toEqual({ access: 0, refresh: 0 })
  })

  it('has nothing to take any more after a sign-out', async () => {
    const session = domain.oauth({ store: store() })
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    let writes = 0
    failure = (operation) => (operation === 'cas' && ++writes > 1 ? diskFull() : undefined)
    const token = await session.getAccessToken()
    failure = () => undefined
    expect(await session.signOut()).toEqual({ revoked: true })
    await expect(session.getToken()).rejects.toMatchObject({ cause: 'signed_out' })
    const user = await fetch(`${domain.api_endpoint}/v2/user/get`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    })
    expect(user.status).toBe(401)
  })
})

describe('a store that is away', () => {
  it.each(['read', 'lease', 'cas'])('at %s sends no refresh token', async (failing) => {
    const session = domain.oauth({ store: store() })
    const { access_token, ...token } = await domain.signIn()
    await session.setToken({ access_token, ...token })
    failure = (operation) => (operation === failing ? diskFull() : undefined)
    domain.emulator.clock.advance(2 * hour - 10_000)
    // What lives is given out.
    expect(await session.getAccessToken()).toBe(access_token)
    domain.emulator.clock.advance(10_000)
    await expect(session.getToken()).rejects.toMatchObject({ code: 'StoreFailed', outcome: 'not-sent' })
    expect(domain.sends()).toBe(0)
    failure = () => undefined
    expect(await session.getAccessToken()).not.toBe(access_token)
  })

  it.each(['read', 'lease', 'cas'])('at %s keeps no JWT application from its token', async (failing) => {
    const session = domain.jwt({ store: store() })
    const first = await session.getAccessToken()
    failure = (operation) => (operation === failing ? diskFull() : undefined)
    domain.emulator.clock.advance(2 * hour)
    const second = await session.getAccessToken()
    expect(second).not.toBe(first)
    expect(await session.getAccessToken()).toBe(second)
    domain.emulator.clock.advance(2 * hour)
    const third = await session.getAccessToken()
    expect(third).not.toBe(second)
    failure = () => undefined
    await vi.waitUntil(async () => (await session.getAccessToken()) === third)
    expect(domain.sends()).toBe(3)
  })

  it('does not let a JWT application that is signed out obtain a token', async () => {
    const session = domain.jwt({ store: store() })
    await session.getToken()
    await session.signOut()
    failure = diskFull
    await expect(session.getToken()).rejects.toMatchObject({ code: 'LoginRequired', cause: 'signed_out' })
    expect(domain.sends()).toBe(1)
  })
})

it('a record that another version wrote is left as it is', async () => {
  const shared = store()
  const { read } = shared
  shared.read = async (key) => {
    const stored = await read(key)
    return stored && { ...stored, data: stored.data.replace('"format":1', '"format":2') }
  }
  const session = domain.oauth({ store: shared })
  await session.setToken(await domain.signIn())
  await expect(domain.oauth({ store: shared }).getToken()).rejects.toMatchObject({
    code: 'StoreFailed',
    message: /cannot read: sign in under another key, or update/,
  })
  await expect(session.signOut()).rejects.toMatchObject({ code: 'StoreFailed' })
})
