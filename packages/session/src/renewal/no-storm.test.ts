import type { PDSError, PDSTransportConfig } from '@pds/core'
import { memoryStore } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { hour, recordEvents, startTestDomain, type TestDomain } from '../test/test-domain.test-helper.ts'

/* A service that fails, throttles or issues odd lifetimes makes no session send more than its backoff allows. */

let domain: TestDomain
const path = '/v2/oauth/token'

beforeEach(async () => {
  // A backoff also ends by this clock, so that a slow machine would send more.
  vi.useFakeTimers({ toFake: ['performance'] })
  domain = await startTestDomain()
})

afterEach(async () => {
  vi.useRealTimers()
  await domain.close()
})

async function expiredSession(options: Parameters<TestDomain['oauth']>[0] = {}) {
  const session = domain.oauth(options)
  await session.setToken(await domain.signIn())
  domain.emulator.clock.advance(3 * hour)
  return session
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: PDSError) => error,
  )

describe('50 calls one after the other with an expired token', () => {
  it.each([
    [429, 'TooManyRequests'],
    [503, 'ServiceUnavailable'],
    [500, 'InternalError'],
    [401, 'InvalidClient'],
    [400, 'InvalidParameter.ClientId'],
    [403, 'Forbidden'],
  ])('send one request after status %i %s, and get its error', async (status, code) => {
    const session = await expiredSession()
    const before = domain.sends()
    domain.emulator.injectFault({ type: 'status', status, code, path, times: 99 })
    const errors: (PDSError | undefined)[] = []
    for (let call = 0; call < 50; call++) errors.push(await failureOf(session.getToken()))
    const perCall = status === 500 ? 2 : 1
    expect(domain.sends() - before).toBe(perCall)
    for (const error of errors) {
      expect(error).toMatchObject({ code, status, retryAt: errors[0]?.retryAt })
    }
    expect(session.state).toMatchObject({ status: 'ok', error: { code }, retryAt: errors[0]?.retryAt })
    domain.emulator.clearFaults()
    domain.emulator.clock.advance(1000)
    expect(await session.getToken()).toHaveProperty('access_token')
    expect(session.state).not.toHaveProperty('error')
  })

  it('wait as long as Retry-After says, and know the time of the next attempt', async () => {
    const clock = () => domain.emulator.clock.now()
    const session = await expiredSession({ clock })
    const before = domain.sends()
    domain.emulator.injectFault({ type: 'throttle', retryAfter: 60, path, times: 99 })
    const { retryAt = 0 } = (await failureOf(session.getToken())) ?? {}
    // By the local clock, to a second: the header counts in seconds.
    const wait = retryAt - clock()
    expect(wait).toBeGreaterThan(50_000)
    expect(wait).toBeLessThanOrEqual(61_000)
    domain.emulator.clock.advance(58_000)
    for (let call = 0; call < 50; call++) {
      expect(await failureOf(session.getToken())).toMatchObject({ status: 429, retryAt })
    }
    expect(domain.sends() - before).toBe(1)
  })

  it('double the backoff with each failure, up to a minute', async () => {
    const session = await expiredSession()
    domain.emulator.injectFault({ type: 'status', status: 503, path, times: 999 })
    const before = domain.sends()
    // 10 minutes, asked each second. The backoff is 1, 2, 4, 8, 16, 32, 60, 60 … seconds, or half of it.
    for (let second = 0; second < 600; second++) {
      await failureOf(session.getToken())
      domain.emulator.clock.advance(1000)
    }
    expect(domain.sends() - before).toBeGreaterThan(9)
    expect(domain.sends() - before).toBeLessThan(30)
  })

  it('send at most a few pairs of requests if each response is lost', async () => {
    const session = await expiredSession()
    const before = domain.sends()
    domain.emulator.injectFault({ type: 'drop', when: 'before', path, times: 999 })
    for (let call = 0; call < 50; call++) await failureOf(session.getToken())
    expect(domain.sends() - before).toBeLessThanOrEqual(6)
  })

  it('get a new sign-in at once', async () => {
    const session = await expiredSession()
    domain.emulator.injectFault({ type: 'throttle', retryAfter: 3600, path })
    expect(await failureOf(session.getToken())).toMatchObject({ status: 429 })
    const next = await domain.signIn()
    await session.setToken(next)
    expect(await session.getAccessToken()).toBe(next.access_token)
    expect(session.state).not.toHaveProperty('error')
  })
})

it('a failure of a background refresh and one of a caller share a backoff', async () => {
  const session = domain.oauth()
  const { access_token, ...rest } = await domain.signIn()
  await session.setToken({ access_token, ...rest })
  domain.emulator.clock.advance(2 * hour - 60_000)
  const before = domain.sends()
  domain.emulator.injectFault({ type: 'throttle', retryAfter: 60, path, times: 99 })
  const failed = new Promise((resolve) => session.subscribe('error', resolve))
  expect(await session.getAccessToken()).toBe(access_token)
  await failed
  domain.emulator.clock.advance(40_000)
  expect(await session.getAccessToken()).toBe(access_token)
  domain.emulator.clock.advance(19_000)
  expect(await session.getAccessToken()).toBe(access_token)
  expect(domain.sends() - before).toBe(1)
})

it('a grant that returns the rejected token again is asked once per backoff', async () => {
  let calls = 0
  const grant = {
    obtain: () => {
      calls++
      return { access_token: 'same-again', expires_in: 7200 }
    },
  }
  const session = domain.oauth({ grant })
  await session.getToken()
  for (let call = 0; call < 50; call++) {
    expect(await failureOf(session.getToken({ rejected: 'same-again' }))).toMatchObject({
      code: 'RefreshFailed',
    })
  }
  expect(calls).toBe(2)
})

describe('a token whose lifetime is', () => {
  it.each<[string, object, number]>([
    ['0', { expires_in: 0 }, 30],
    ['negative', { expires_in: -5 }, 30],
    ['negative, with a past expire_time', { expires_in: -5, expire_time: '2020-01-01T00:00:00Z' }, 30],
    ['a fraction of a second', { expires_in: 0.001 }, 30],
    ['half a second', { expires_in: 0.5 }, 30],
    ['1e-300', { expires_in: 1e-300 }, 30],
    ['1e300', { expires_in: 1e300 }, 30],
    ['not a number', { expires_in: 'soon' }, 30],
    ['10 seconds', { expires_in: 10 }, 5],
    ['a minute', { expires_in: 60 }, 30],
  ])('%s is renewed at most each 30 seconds or half its lifetime', async (_what, lifetime, interval) => {
    let calls = 0
    const grant = { obtain: () => ({ access_token: `token-${++calls}`, ...lifetime }) }
    const session = domain.oauth({ grant })
    const seconds = 120
    for (let second = 0; second < seconds; second++) {
      await session.getToken()
      domain.emulator.clock.advance(1000)
    }
    // A background renewal may be under way.
    await session.getToken()
    expect(calls).toBeGreaterThan(0)
    expect(calls).toBeLessThanOrEqual(1 + Math.ceil(seconds / interval))
  })
})

it('renewals that fail before anything is sent leave no attempt behind', async () => {
  const store = memoryStore()
  // Nothing listens on port 1.
  const refused: Partial<PDSTransportConfig> = { fetch: (_url, init) => fetch('http://127.0.0.1:1/', init) }
  const session = domain.oauth({ store, replayLostRefresh: false }, refused)
  await session.setToken(await domain.signIn())
  domain.emulator.clock.advance(3 * hour)
  const events = recordEvents(session)
  for (let call = 0; call < 20; call++) await failureOf(session.getToken())
  expect(events.every(({ type }) => type === 'error')).toBe(true)
  // The refresh token is unspent, so another session refreshes at once, even without replays.
  const other = domain.oauth({ store, replayLostRefresh: false })
  expect(await other.getToken()).toHaveProperty('access_token')
  expect(domain.sends()).toBe(1)
})
