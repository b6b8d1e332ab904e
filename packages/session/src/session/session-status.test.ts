import { inspect } from 'node:util'
import { PDSError } from '@pds/core'
import { memoryStore, type SessionStatus } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hour, startTestDomain, type TestDomain } from '../test/test-domain.test-helper.ts'

let domain: TestDomain

beforeEach(async () => {
  domain = await startTestDomain()
})

afterEach(() => domain.close())

function recordStatuses(session: ReturnType<TestDomain['oauth']>): SessionStatus[] {
  const statuses: SessionStatus[] = []
  session.subscribe('changed', (status) => statuses.push(status))
  return statuses
}

describe('session.state', () => {
  it('is a frozen snapshot without tokens, and the same object until something changes', async () => {
    const session = domain.oauth()
    expect(session.state).toEqual({ status: 'unknown' })
    const token = await domain.signIn()
    const before = domain.emulator.clock.now()
    await session.setToken(token)
    const { state } = session
    expect(state).toEqual({
      status: 'ok',
      user: { id: 'user-1', name: 'User 1', role: 'user' },
      since: expect.any(Number),
      expiresAt: Date.parse(`${token.expire_time}`),
    })
    expect(state.since).toBeGreaterThanOrEqual(before - 1000)
    expect(Object.isFrozen(state) && Object.isFrozen(state.user)).toBe(true)
    await session.getToken()
    expect(session.state).toBe(state)
    for (const text of [JSON.stringify(state), inspect(state, { depth: 9 })]) {
      expect(text).not.toContain(token.access_token)
      expect(text).not.toContain(token.refresh_token)
    }
  })

  it('follows a sign-in, a refresh, a failure and a sign-out, with one event for each change', async () => {
    const session = domain.oauth()
    const statuses = recordStatuses(session)
    await expect(session.getToken()).rejects.toMatchObject({ cause: 'no_token' })
    expect(session.state).toEqual({ status: 'login_required', cause: 'no_token' })
    await session.setToken(await domain.signIn())
    const { since } = session.state
    domain.emulator.clock.advance(2 * hour)
    domain.emulator.injectFault({ type: 'status', status: 503, path: '/v2/oauth/token' })
    await expect(session.getToken()).rejects.toMatchObject({ status: 503 })
    const { error, retryAt } = session.state
    expect(error).toMatchObject({ status: 503, retryAt })
    expect(retryAt).toBeGreaterThan(0)
    domain.emulator.clock.advance(60_000)
    await session.getToken()
    expect(session.state).toMatchObject({ status: 'ok', since })
    expect(session.state).not.toHaveProperty('error')
    await session.signOut()
    expect(session.state).toEqual({ status: 'signed_out', since: expect.any(Number) })
    expect(statuses.map(({ status, error }) => [status, error?.code])).toEqual([
      ['login_required', undefined],
      ['ok', undefined],
      ['ok', 'InternalError'],
      ['ok', undefined],
      ['signed_out', undefined],
    ])
    expect(statuses.at(-1)).toBe(session.state)
  })

  it('says why and since when a login is required, and who was signed in', async () => {
    const session = domain.oauth()
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(8 * 24 * hour)
    await expect(session.getToken()).rejects.toMatchObject({ cause: 'rejected' })
    const { state } = session
    expect(state).toEqual({
      status: 'login_required',
      cause: 'rejected',
      user: { id: 'user-1', name: 'User 1', role: 'user' },
      since: expect.any(Number),
    })
    expect(state.since).toBeGreaterThan(domain.emulator.clock.now() - hour)
  })

  it('knows an expired token without a refresh token, and a login that the grant requires', async () => {
    const session = domain.oauth()
    await session.setToken({ access_token: 'a', expires_in: 60 })
    domain.emulator.clock.advance(hour)
    await expect(session.getToken()).rejects.toMatchObject({ cause: 'expired' })
    expect(session.state).toMatchObject({ status: 'login_required', cause: 'expired' })
    const error = new PDSError('sign in again', {
      code: 'LoginRequired',
      outcome: 'responded',
      cause: 'signed_out',
    })
    const page = domain.oauth({ grant: { obtain: () => Promise.reject(error) } })
    expect(await page.status()).toEqual({ status: 'new' })
    await expect(page.getToken()).rejects.toBe(error)
    expect(page.state).toMatchObject({ status: 'login_required', cause: 'signed_out' })
  })

  it('learns of changes of another session', async () => {
    const store = memoryStore()
    const [one, other] = [domain.oauth({ store }), domain.oauth({ store })]
    const changed = new Promise<SessionStatus>((resolve) => other.subscribe('changed', resolve))
    await one.setToken(await domain.signIn())
    expect(await changed).toMatchObject({ status: 'ok', user: { id: 'user-1' } })
    expect(other.state).toEqual(one.state)
  })
})

describe('session.status', () => {
  it('reads the store, sends nothing, and returns the state', async () => {
    const store = memoryStore()
    await domain.oauth({ store }).setToken(await domain.signIn())
    domain.emulator.clock.advance(3 * hour)
    const session = domain.oauth({ store })
    const status = await session.status()
    expect(status).toMatchObject({ status: 'ok', user: { name: 'User 1' } })
    expect(session.state).toBe(status)
    expect(domain.sends()).toBe(0)
  })

  it('fails if the store fails, and after close', async () => {
    const read = () => Promise.reject(new Error('disk full'))
    const session = domain.oauth({ store: { ...memoryStore(), read } })
    await expect(session.status()).rejects.toMatchObject({ code: 'StoreFailed' })
    expect(session.state).toEqual({ status: 'unknown' })
    session.close()
    await expect(session.status()).rejects.toMatchObject({ code: 'InvalidParameter' })
  })
})
