import { PDSError } from '@pds/core'
import type { Fault } from '@pds/emulator'
import { memoryStore } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { hour, recordEvents, startTestDomain, type TestDomain } from '../test/test-domain.test-helper.ts'

/* A grant that fails. While the access token is valid, callers get it, and the session continues. */

let domain: TestDomain
const path = '/v2/oauth/token'

beforeEach(async () => {
  domain = await startTestDomain()
})

afterEach(async () => {
  vi.restoreAllMocks()
  await domain.close()
})

const faults: Record<string, Fault> = {
  'status 429': { type: 'throttle' },
  'status 500': { type: 'status', status: 500 },
  'status 502': { type: 'status', status: 502, body: 'html' },
  'status 503': { type: 'status', status: 503, body: 'gateway' },
  'a reset': { type: 'drop' },
  'truncated JSON': { type: 'status', status: 200, body: 'html' },
}

describe.each([60_000, 10_000])('a failed refresh %i ms before the token expires:', (remaining) => {
  it.each(Object.entries(faults))('%s does not end the session', async (_name, fault) => {
    const session = domain.oauth()
    const { access_token, ...token } = await domain.signIn()
    await session.setToken({ access_token, ...token })
    domain.emulator.clock.advance(2 * hour - remaining)
    domain.emulator.injectFault({ ...fault, path, times: 9 })
    const events = recordEvents(session)
    const failed = new Promise((resolve) => session.subscribe('error', resolve))
    expect(await session.getAccessToken()).toBe(access_token)
    await failed
    expect(await session.getAccessToken()).toBe(access_token)
    for (const { type } of events) expect(type).toBe('error')
    domain.emulator.clearFaults()
    domain.emulator.clock.advance(hour)
    expect(await session.getAccessToken()).not.toBe(access_token)
  })
})

it('a failed background refresh is retried only after a backoff', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(1)
  vi.useFakeTimers({ toFake: ['performance'] })
  const store = memoryStore()
  const lease = vi.spyOn(store, 'lease')
  const session = domain.oauth({ store })
  await session.setToken(await domain.signIn())
  domain.emulator.clock.advance(2 * hour - 60_000)
  domain.emulator.injectFault({ type: 'status', status: 503, path, times: 99 })
  const attempt = async () => {
    const failed = new Promise((resolve) => session.subscribe('error', resolve))
    await session.getToken()
    await failed
    await new Promise((resolve) => setImmediate(resolve))
  }
  await attempt()
  for (let caller = 0; caller < 100; caller++) await session.getToken()
  expect(domain.sends()).toBe(1)
  // The backoff is 1 s, 2 s, 4 s and so on.
  vi.advanceTimersByTime(1000)
  await attempt()
  vi.advanceTimersByTime(1000)
  await session.getToken()
  // Time for a background refresh to start.
  await new Promise((resolve) => setImmediate(resolve))
  expect(lease).toHaveBeenCalledTimes(2)
  vi.advanceTimersByTime(1000)
  await attempt()
  vi.useRealTimers()
  expect(domain.sends()).toBe(3)
})

it('a grant that takes too long causes a Timeout, and its late token is still used', async () => {
  let respond: (token: object) => void = () => undefined
  const signals: AbortSignal[] = []
  const grant = {
    obtain: (context: { signal: AbortSignal }) => {
      signals.push(context.signal)
      return new Promise<never>((resolve) => {
        respond = resolve as typeof respond
      })
    },
  }
  const session = domain.oauth({ grant, requestTimeout: 20 })
  await expect(session.getToken()).rejects.toMatchObject({
    code: 'Timeout',
    outcome: 'unknown',
    message: /obtain took longer than 20 ms/,
  })
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  const refreshed = new Promise((resolve) => session.subscribe('refreshed', resolve))
  respond({ access_token: 'late', expires_in: 7200 })
  await refreshed
  expect(await session.getAccessToken()).toBe('late')
})

it('an error of a custom grant becomes RefreshFailed, without the refresh token', async () => {
  const secret = 'a refresh token of the page'
  const grant = {
    refresh: async (refresh_token: string) => {
      throw Object.assign(new TypeError(`fetch failed for ${refresh_token}`), { request: refresh_token })
    },
  }
  const session = domain.oauth({ grant })
  await session.setToken({ access_token: 'a', refresh_token: secret, expires_in: 1 })
  domain.emulator.clock.advance(hour)
  const error = await session.getToken().catch((reason: unknown) => reason)
  expect(error).toMatchObject({
    code: 'RefreshFailed',
    outcome: 'unknown',
    cause: { name: 'TypeError', message: '***' },
  })
})

it.each([
  undefined,
  null,
  'token',
  {},
  { access_token: '' },
  { access_token: 'two\nlines' },
  { access_token: 'a', token_type: 'DPoP' },
])('a grant that returns %o instead of a token causes RefreshFailed', async (value) => {
  const grant = { obtain: async () => value as never }
  await expect(domain.oauth({ grant }).getToken()).rejects.toMatchObject({
    code: 'RefreshFailed',
    message: /the grant's obtain must return a token/,
  })
})

it('a grant with both functions obtains a token if the refresh fails with any error', async () => {
  const calls: string[] = []
  const grant = {
    refresh: async () => {
      calls.push('refresh')
      throw new Error('no network, or anything else')
    },
    obtain: async () => {
      calls.push('obtain')
      return { access_token: `access-${calls.length}`, refresh_token: 'next', expires_in: 7200 }
    },
  }
  const session = domain.oauth({ grant })
  await session.setToken({ access_token: 'a', refresh_token: 'r', expires_in: 1 })
  domain.emulator.clock.advance(hour)
  expect(await session.getAccessToken()).toBe('access-2')
  expect(calls).toEqual(['refresh', 'obtain'])
})

it('a grant that returns the rejected token again is not called in a loop', async () => {
  const rejected: unknown[] = []
  const grant = {
    obtain: (context: { rejected?: string | undefined }) => {
      rejected.push(context.rejected)
      return { access_token: 'same-again', expires_in: 7200 }
    },
  }
  const session = domain.oauth({ grant })
  await session.getToken()
  const callers = Array.from({ length: 20 }, () => session.getToken({ rejected: 'same-again' }))
  for (const result of await Promise.allSettled(callers)) {
    expect(result).toMatchObject({
      reason: { code: 'RefreshFailed', message: /returned the rejected access token again/ },
    })
  }
  expect(rejected).toEqual([undefined, 'same-again'])
})

/** Creates a session whose grant responds by hand, and lets the first refresh time out. */
async function respondingByHand() {
  // Fake timers, so that the second request does not time out on a busy machine.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const sent: ((token: object) => void)[] = []
  const refresh = () =>
    new Promise<never>((resolve) => {
      sent.push(resolve as (token: object) => void)
    })
  const session = domain.oauth({ grant: { refresh }, requestTimeout: 50 })
  await session.setToken({ access_token: 'a', refresh_token: 'r', expires_in: 1 })
  domain.emulator.clock.advance(hour)
  const caller = session.getAccessToken()
  while (sent.length === 0) await new Promise((resolve) => setImmediate(resolve))
  // requestTimeout, its margin, and one timer for the grant to report its outcome.
  await vi.advanceTimersByTimeAsync(551)
  expect(sent.length).toBe(2)
  const response = (request: number, name: string) =>
    sent[request]?.({ access_token: name, refresh_token: name, expires_in: 7200 })
  return { session, caller, response }
}

it('the last response counts if the first request timed out', async () => {
  const { session, caller, response } = await respondingByHand()
  response(0, 'first')
  await new Promise((resolve) => setImmediate(resolve))
  response(1, 'last')
  expect(await caller).toBe('last')
  expect(await session.getToken()).toMatchObject({ access_token: 'last', refresh_token: 'last' })
})

it('a late response to the first request counts if the second request times out', async () => {
  const { caller, response } = await respondingByHand()
  response(0, 'first')
  // requestTimeout, its margin, and one timer for the grant to report its outcome.
  await vi.advanceTimersByTimeAsync(551)
  expect(await caller).toBe('first')
})

it('an invalid_grant with the outcome unknown does not end the sign-in', async () => {
  let isUp = false
  const grant = {
    refresh: async () => {
      if (isUp) return { access_token: 'b', expires_in: 7200 }
      throw new PDSError('a proxy said so', { code: 'invalid_grant', outcome: 'unknown' })
    },
  }
  const session = domain.oauth({ grant })
  await session.setToken({ access_token: 'a', refresh_token: 'r', expires_in: 1 })
  domain.emulator.clock.advance(hour)
  await expect(session.getToken()).rejects.toMatchObject({ code: 'invalid_grant', outcome: 'unknown' })
  isUp = true
  expect(await session.getAccessToken()).toBe('b')
})

it('a LoginRequired of the grant reaches the caller, and the next caller calls the grant again', async () => {
  let isSignedIn = false
  const grant = {
    obtain: async () => {
      if (isSignedIn) return { access_token: 'a', expires_in: 7200 }
      throw new PDSError('the back end does not know the user', {
        code: 'LoginRequired',
        outcome: 'responded',
      })
    },
  }
  const session = domain.oauth({ grant })
  const events = recordEvents(session)
  await expect(session.getToken()).rejects.toMatchObject({ code: 'LoginRequired' })
  await expect(session.getToken()).rejects.toMatchObject({ code: 'LoginRequired' })
  // One event for both callers.
  expect(events).toMatchObject([{ type: 'login_required', by: 'this' }])
  isSignedIn = true
  expect(await session.getAccessToken()).toBe('a')
})
