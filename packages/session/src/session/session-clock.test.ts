import { oauthGrant } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import { createSession } from '@pds/session'
import type { Grant } from '@pds/types'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { hour, startTestDomain, type TestDomain } from '../test/test-domain.test-helper.ts'

/* A wrong local clock, with and without a server whose clock is known. */

let domain: TestDomain

beforeEach(async () => {
  domain = await startTestDomain()
})

afterEach(async () => {
  vi.useRealTimers()
  await domain.close()
})

/** A fetch whose responses have no readable `Date` header, as in a page without CORS for it. */
const withoutDate: typeof fetch = async (input, init) => {
  const response = await fetch(input, init)
  const headers = new Headers(response.headers)
  headers.delete('date')
  return new Response(response.body, { status: response.status, headers })
}

/** Counts the refreshes of a session in use, each second for a number of seconds. */
async function refreshesIn(seconds: number, getToken: () => Promise<unknown>): Promise<number> {
  for (let second = 0; second < seconds; second++) {
    await getToken()
    domain.emulator.clock.advance(1000)
  }
  await getToken()
  return domain.sends()
}

describe.each([7_199_000, 7_140_000, 3 * hour, -3 * hour])('a clock that is %i ms wrong', (skew) => {
  const clock = () => domain.emulator.clock.now() + skew

  it('costs no refresh without a readable Date header, after the first', async () => {
    const session = domain.jwt({}, { clock, fetch: withoutDate as never, retryCount: 3 })
    // A JWT application signs with its clock, which a wrong time makes invalid. So the token comes from a grant.
    const other = domain.jwt()
    const grant: Grant = { obtain: () => other.getToken(), now: clock, hasServerTime: () => false }
    const own = createSession({ key: 'own', grant })
    session.close()
    expect(await refreshesIn(60, () => own.getToken())).toBe(1)
  })

  it('costs no refresh if the session has a clock of its own', async () => {
    const other = domain.jwt()
    const session = createSession({ key: 'own', grant: { obtain: () => other.getToken() }, clock })
    expect(await refreshesIn(60, () => session.getToken())).toBe(1)
  })

  it('costs an OAuth application at most one refresh after the sign-in', async () => {
    const session = domain.oauth({}, { clock, fetch: withoutDate as never })
    await session.setToken(await domain.signIn())
    expect(await refreshesIn(60, () => session.getToken())).toBeLessThanOrEqual(1)
  })
})

it('an expire_time shortens the lifetime only if the clock of the server is known', async () => {
  for (const isKnown of [true, false]) {
    const token = {
      access_token: 'a',
      expires_in: 7200,
      expire_time: new Date(domain.emulator.clock.now() + 100_000).toISOString(),
    }
    const now = () => domain.emulator.clock.now()
    const grant = { obtain: () => token, now, hasServerTime: () => isKnown }
    const session = createSession({ key: 'a', grant })
    expect((await session.getToken()).expires_in).toBeOneOf(isKnown ? [100, 99] : [7200, 7199])
  }
})

it('grants know whether a response had a Date header', async () => {
  const { client_id, client_secret } = domain.emulator.app('webserver')
  for (const isReadable of [true, false]) {
    const transport = createTransport({
      api_endpoint: domain.api_endpoint,
      retryCount: 0,
      ...(!isReadable && { fetch: withoutDate as never }),
    })
    const grant = oauthGrant({ transport, client_id, client_secret, redirect_uri: 'http://127.0.0.1/' })
    expect(grant.hasServerTime?.()).toBe(false)
    const call = grant.refresh?.('none', { signal: new AbortController().signal, timeout: 1000 })
    await expect(call).rejects.toMatchObject({ status: 400 })
    expect(grant.hasServerTime?.()).toBe(isReadable)
  }
})

it("the session's clock wins over the clock of the grant", async () => {
  const grant = {
    obtain: () => ({ access_token: 'a', expires_in: 7200 }),
    now: () => Date.parse('2001-01-01T00:00:00Z'),
  }
  const now = Date.parse('2026-05-05T00:00:00Z')
  const session = createSession({ key: 'a', grant, clock: () => now })
  await session.getToken()
  expect(now + 7_200_000 - (session.state.expiresAt ?? 0)).toBeLessThan(60_000)
})

it('a clock that was set back does not make a token live longer than its lifetime', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  let now = Date.parse('2026-05-05T12:00:00Z')
  let tokens = 0
  const grant = { obtain: () => ({ access_token: `token-${++tokens}`, expires_in: 7200 }) }
  const session = createSession({ key: 'a', grant, clock: () => now })
  await session.getToken()
  now -= 3 * hour
  for (let minute = 0; minute < 118; minute++) {
    vi.advanceTimersByTime(60_000)
    now += 60_000
    await session.getToken()
  }
  // A background renewal may be under way.
  await expect.poll(() => tokens).toBe(2)
  vi.advanceTimersByTime(180_000)
  now += 180_000
  expect(await session.getAccessToken()).not.toBe('token-1')
})
