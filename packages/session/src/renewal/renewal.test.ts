import { getEventListeners } from 'node:events'
import { memoryStore } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  delayTokens,
  gate,
  hour,
  recordEvents,
  startTestDomain,
  type TestDomain,
} from '../test/test-domain.test-helper.ts'

/* When a session obtains or refreshes its token, and when it does not. */

let domain: TestDomain

beforeEach(async () => {
  domain = await startTestDomain()
})

afterEach(async () => {
  vi.restoreAllMocks()
  await domain.close()
})

const many = <T>(count: number, ask: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => ask(index)))

describe('a session without a token', () => {
  it('of a JWT application obtains one token for all callers', async () => {
    const session = domain.jwt()
    const tokens = await many(1000, () => session.getAccessToken())
    expect(new Set(tokens).size).toBe(1)
    expect(domain.sends()).toBe(1)
  })

  it('of an OAuth application requires a login', async () => {
    const session = domain.oauth()
    const events = recordEvents(session)
    await expect(session.getToken()).rejects.toMatchObject({
      code: 'LoginRequired',
      cause: 'no_token',
      outcome: 'not-sent',
    })
    expect(events).toEqual([])
    expect(domain.sends()).toBe(0)
  })
})

describe('an expired token', () => {
  it('is refreshed once for 1000 callers', async () => {
    const session = domain.oauth()
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    const tokens = await many(1000, () => session.getAccessToken())
    expect(new Set(tokens).size).toBe(1)
    expect(domain.sends()).toBe(1)
    expect(domain.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it('is refreshed once by 5 sessions with 20 callers each that share a store', async () => {
    const store = memoryStore()
    const sessions = Array.from({ length: 5 }, () => domain.oauth({ store }))
    await sessions[0]?.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    const tokens = await many(100, async (index) => sessions[index % 5]?.getAccessToken())
    expect(new Set(tokens).size).toBe(1)
    expect(domain.sends()).toBe(1)
    expect(domain.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it('without a refresh token requires a login', async () => {
    const session = domain.oauth()
    const { refresh_token: _, ...token } = await domain.signIn()
    await session.setToken(token)
    expect(await session.getAccessToken()).toBe(token.access_token)
    const events = recordEvents(session)
    domain.emulator.clock.advance(2 * hour - 10_000)
    // It is used until it expires.
    expect(await session.getAccessToken()).toBe(token.access_token)
    domain.emulator.clock.advance(10_000)
    await expect(session.getToken()).rejects.toMatchObject({ code: 'LoginRequired', cause: 'expired' })
    expect(events).toMatchObject([{ type: 'login_required', error: { cause: 'expired' } }])
  })
})

describe('100 rotations', () => {
  it('use each refresh token once', async () => {
    const session = domain.oauth()
    await session.setToken(await domain.signIn())
    for (let rotation = 0; rotation < 100; rotation++) {
      domain.emulator.clock.advance(2 * hour)
      await many(3, () => session.getAccessToken())
    }
    expect(domain.sends()).toBe(100)
    const sent = domain.emulator.requests.map(({ params }) => params.refresh_token).filter(Boolean)
    expect(new Set(sent).size).toBe(100)
    expect(domain.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it('keep the old refresh token when the response has none', async () => {
    const sent: string[] = []
    const grant = {
      refresh: async (refresh_token: string) => {
        sent.push(refresh_token)
        return { access_token: `access-${sent.length}`, expires_in: 7200 }
      },
    }
    const session = domain.oauth({ grant })
    await session.setToken({ access_token: 'access-0', refresh_token: 'the only one', expires_in: 7200 })
    domain.emulator.clock.advance(2 * hour)
    await session.getToken()
    domain.emulator.clock.advance(2 * hour)
    expect(await session.getToken()).toMatchObject({
      access_token: 'access-2',
      refresh_token: 'the only one',
    })
    expect(sent).toEqual(['the only one', 'the only one'])
  })
})

describe('a token that the application has read or obtained', () => {
  it.each([
    [
      { access_token: 'canary\n' },
      'setToken: token.access_token must be a non-empty string of visible ASCII char',
    ],
    [
      {},
      'setToken: token.access_token must be a non-empty string of visible ASCII characters (received undefined)',
    ],
    [
      { access_token: 'a', refresh_token: 'canary\n' },
      'setToken: token.refresh_token must be a non-empty string (received a string that ends with a line break)',
    ],
    [
      { access_token: 'a', refresh_token: 5 },
      'setToken: token.refresh_token must be a non-empty string (received a n',
    ],
    [
      { access_token: 'a', user_data: 1n },
      'setToken: token is invalid: it cannot be written as JSON: it contains a BigInt or a circular reference',
    ],
  ])('is rejected by setToken if it cannot be sent: %o', async (token, message) => {
    const session = domain.oauth()
    const error = await session.setToken(token as never).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'InvalidParameter', outcome: 'not-sent' })
    expect((error as Error).message).toContain(message)
    expect((error as Error).message).not.toContain('canary')
  })

  it('is trimmed if a grant returns it, so that the spent refresh token is replaced', async () => {
    const sent: string[] = []
    const grant = {
      // Like the output of a program.
      refresh: async (refresh_token: string) => {
        sent.push(refresh_token)
        return { access_token: `access-${sent.length}\n`, refresh_token: ` refresh-${sent.length}\r\n` }
      },
    }
    const session = domain.oauth({ grant })
    await session.setToken({ access_token: 'access-0', refresh_token: 'refresh-0', expires_in: 7200 })
    for (const number of [1, 2]) {
      domain.emulator.clock.advance(2 * hour)
      expect(await session.getToken()).toMatchObject({
        access_token: `access-${number}`,
        refresh_token: `refresh-${number}`,
      })
    }
    expect(sent).toEqual(['refresh-0', 'refresh-1'])
  })

  it.each([null, ''])('keeps the old refresh token if the new one is %j', async (refresh_token) => {
    const grant = { refresh: async () => ({ access_token: 'access-1', refresh_token }) as never }
    const session = domain.oauth({ grant })
    await session.setToken({ access_token: 'access-0', refresh_token: 'the only one', expires_in: 7200 })
    domain.emulator.clock.advance(2 * hour)
    expect(await session.getToken()).toMatchObject({ refresh_token: 'the only one' })
  })

  it.each([null, ''])('may have the refresh token %j for none', async (refresh_token) => {
    const session = domain.oauth()
    await session.setToken({ access_token: 'access-0', refresh_token, expires_in: 7200 } as never)
    expect(await session.getToken()).not.toHaveProperty('refresh_token')
  })
})

describe('a token that is about to expire', () => {
  // Without jitter, the soft window is 10 minutes.
  beforeEach(() => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
  })

  it('is returned while it is refreshed in the background', async () => {
    const session = domain.oauth()
    const { access_token } = await domain.signIn().then(async (token) => {
      await session.setToken(token)
      return token
    })
    domain.emulator.clock.advance(2 * hour - 10 * 60_000 - 1000)
    await session.getToken()
    expect(domain.sends()).toBe(0)
    domain.emulator.clock.advance(1000)
    const refreshed = new Promise((resolve) => session.subscribe('refreshed', resolve))
    expect(await many(10, () => session.getAccessToken())).toEqual(Array(10).fill(access_token))
    await refreshed
    expect(await session.getAccessToken()).not.toBe(access_token)
    expect(domain.sends()).toBe(1)
  })

  it('is refreshed later by a session with more jitter', async () => {
    vi.mocked(Math.random).mockReturnValue(1)
    const store = memoryStore()
    const lease = vi.spyOn(store, 'lease')
    const session = domain.oauth({ store })
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour - 5 * 60_000 - 1000)
    await session.getToken()
    // Time for a background refresh to start.
    await new Promise((resolve) => setImmediate(resolve))
    expect(lease).not.toHaveBeenCalled()
    domain.emulator.clock.advance(1000)
    const refreshed = new Promise((resolve) => session.subscribe('refreshed', resolve))
    await session.getToken()
    await refreshed
  })

  it('is not returned in its last 30 seconds', async () => {
    const session = domain.oauth()
    const { access_token, ...token } = await domain.signIn()
    await session.setToken({ access_token, ...token })
    domain.emulator.clock.advance(2 * hour - 30_000)
    expect(await session.getAccessToken()).not.toBe(access_token)
  })

  it('is returned after a second if another process does not finish its refresh', async () => {
    const store = memoryStore()
    const lease = vi.fn(async () => undefined)
    const session = domain.oauth({ store: { ...store, lease } })
    const { access_token, ...token } = await domain.signIn()
    await session.setToken({ access_token, ...token })
    domain.emulator.clock.advance(2 * hour - 10_000)
    vi.useFakeTimers({ toFake: ['performance'] })
    const waiting = session.getAccessToken()
    await expect.poll(() => lease.mock.calls.length).toBeGreaterThan(1)
    vi.advanceTimersByTime(1000)
    expect(await waiting).toBe(access_token)
    vi.useRealTimers()
  })

  it('is returned for half of a lifetime of less than a minute', async () => {
    const obtained: string[] = []
    const grant = {
      obtain: async () => {
        obtained.push('one')
        return { access_token: `access-${obtained.length}`, expires_in: 20 }
      },
    }
    const session = domain.oauth({ grant })
    await many(10, () => session.getToken())
    domain.emulator.clock.advance(9000)
    expect(await session.getAccessToken()).toBe('access-1')
    domain.emulator.clock.advance(1000)
    expect(await session.getAccessToken()).toBe('access-2')
  })
})

describe('a token from a back end', () => {
  it('expires at its expire_time if that is earlier than expires_in says', async () => {
    const obtained: number[] = []
    const grant = {
      obtain: async () => ({
        access_token: `access-${obtained.push(1)}`,
        expires_in: 7200,
        expire_time: new Date(domain.emulator.clock.now() + 100_000).toISOString(),
      }),
    }
    const session = domain.oauth({
      grant: { ...grant, now: () => domain.emulator.clock.now() },
      clock: undefined,
    })
    expect((await session.getToken()).expires_in).toBeOneOf([100, 99])
    domain.emulator.clock.advance(69_000)
    expect(await session.getAccessToken()).toBe('access-1')
    domain.emulator.clock.advance(2000)
    expect(await session.getAccessToken()).toBe('access-2')
  })
})

describe('a machine that slept between the intent and the request', () => {
  it('sends nothing under its old lease', async () => {
    let slept = 0
    const store = memoryStore()
    const { compareAndSet } = store
    const written: string[] = []
    store.compareAndSet = async (...record) => {
      const { intent } = JSON.parse(record[1].data)
      written.push(intent ? 'intent' : 'no intent')
      // Leaves less of the lease than a request may take.
      if (written.length === 2) slept = 20_000
      return compareAndSet(...record)
    }
    const lease = vi.spyOn(store, 'lease')
    const session = domain.oauth({ store, clock: () => domain.emulator.clock.now() + slept })
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    await session.getToken()
    expect(written).toEqual(['no intent', 'intent', 'no intent', 'intent', 'no intent'])
    expect(lease).toHaveBeenCalledTimes(2)
    expect(domain.sends()).toBe(1)
  })
})

describe('a token with a lifetime of 30 days', () => {
  it('does not overflow a timer', async () => {
    const grant = {
      obtain: async () => ({ access_token: 'a', refresh_token: 'r', expires_in: 30 * 24 * 3600 }),
      refresh: async () => {
        throw new Error('not to be refreshed')
      },
    }
    const overflows = vi.fn()
    process.on('warning', overflows)
    const session = domain.oauth({ grant, keepAlive: true })
    await session.getToken()
    await new Promise((resolve) => setImmediate(resolve))
    session.close()
    process.off('warning', overflows)
    expect(overflows).not.toHaveBeenCalled()
  })
})

describe('keepAlive', () => {
  it('refreshes the token of an unused session after 5 days', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const session = domain.oauth({ keepAlive: true })
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(5 * 24 * hour - hour)
    await vi.advanceTimersByTimeAsync(hour)
    expect(domain.sends()).toBe(0)
    domain.emulator.clock.advance(hour)
    const refreshed = new Promise((resolve) => session.subscribe('refreshed', resolve))
    await vi.advanceTimersByTimeAsync(hour)
    vi.useRealTimers()
    await refreshed
    expect(domain.sends()).toBe(1)
    session.close()
  })
})

describe('a rejected token', () => {
  it('is replaced by the stored token, without a refresh', async () => {
    const store = memoryStore()
    const [one, other] = [domain.oauth({ store }), domain.oauth({ store })]
    const { access_token } = await domain.signIn().then(async (token) => {
      await one.setToken(token)
      return token
    })
    await other.getToken()
    const next = await one.getAccessToken({ rejected: access_token })
    expect(next).not.toBe(access_token)
    expect(await other.getAccessToken({ rejected: access_token })).toBe(next)
    expect(domain.sends()).toBe(1)
  })

  it('is refreshed once for 400 callers', async () => {
    const session = domain.oauth()
    const { access_token } = await domain.signIn().then(async (token) => {
      await session.setToken(token)
      return token
    })
    const tokens = await many(400, () => session.getAccessToken({ rejected: access_token }))
    expect(new Set(tokens).size).toBe(1)
    expect(domain.sends()).toBe(1)
  })
})

describe('a token that cannot be replaced', () => {
  it('is not returned after it was rejected', async () => {
    const store = memoryStore()
    const [one, other] = [domain.oauth({ store }), domain.oauth({ store })]
    const { access_token, ...token } = await domain.signIn()
    await one.setToken({ access_token, ...token })
    await other.getToken()
    domain.emulator.injectFault({
      type: 'status',
      status: 400,
      code: 'InvalidParameter.RefreshToken',
      path: '/v2/oauth/token',
    })
    const lost = { code: 'LoginRequired', cause: 'rejected' }
    await expect(one.getToken({ rejected: access_token })).rejects.toMatchObject(lost)
    await expect(one.getToken()).rejects.toMatchObject(lost)
    await expect(other.getToken()).rejects.toMatchObject(lost)
    expect(domain.sends()).toBe(1)
  })

  it('causes no background renewals if the session has no refresh token', async () => {
    const lease = vi.fn()
    const session = domain.oauth({ store: { ...memoryStore(), lease } })
    const { refresh_token: _, ...token } = await domain.signIn()
    await session.setToken(token)
    domain.emulator.clock.advance(2 * hour - 60_000)
    await session.getToken()
    expect(lease).not.toHaveBeenCalled()
  })
})

describe('getToken', () => {
  it('returns the whole token, with expires_in counted from now', async () => {
    const session = domain.jwt()
    const token = await session.getToken()
    expect(token).toMatchObject({ user_id: 'user-1', role: 'user' })
    // The lifetime counts from the request.
    expect(token.expires_in).toBeOneOf([7200, 7199])
    domain.emulator.clock.advance(hour)
    expect(await session.getToken()).toEqual({ ...token, expires_in: token.expires_in - 3600 })
  })

  it('leaves no listener on its signal', async () => {
    const session = domain.oauth()
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    const { signal } = new AbortController()
    const token = session.getToken({ signal })
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    await token
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('is aborted by its signal, while the refresh continues for other callers', async () => {
    const response = gate()
    const session = domain.jwt({}, delayTokens(response.opened))
    const controller = new AbortController()
    const aborted = session.getToken({ signal: controller.signal })
    const other = session.getToken()
    controller.abort('a reason')
    await expect(aborted).rejects.toMatchObject({ code: 'Aborted', outcome: 'not-sent' })
    await expect(session.getToken({ signal: controller.signal, rejected: 'x' })).rejects.toMatchObject({
      code: 'Aborted',
    })
    response.open()
    expect(await other).toHaveProperty('access_token')
    expect(domain.sends()).toBe(1)
  })
})

describe('while the browser believes to be offline', () => {
  it('a caller gets a new token, because the service may be reachable', async () => {
    const session = domain.oauth({ isOnline: () => false })
    const { access_token, ...token } = await domain.signIn()
    await session.setToken({ access_token, ...token })
    domain.emulator.clock.advance(2 * hour - 20_000)
    expect(await session.getAccessToken()).not.toBe(access_token)
    domain.emulator.clock.advance(3 * hour)
    expect(await session.getToken()).toHaveProperty('access_token')
    expect(domain.sends()).toBe(2)
  })

  it('a caller whose request failed waits until it is online, and sends nothing more', async () => {
    let isOnline = false
    let sends = 0
    const store = memoryStore()
    const read = vi.spyOn(store, 'read')
    const session = domain.oauth(
      { store, isOnline: () => isOnline, replayLostRefresh: false },
      {
        fetch(url, init) {
          sends++
          return isOnline ? fetch(url, init) : Promise.reject(new TypeError('Failed to fetch'))
        },
      },
    )
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(3 * hour)
    const caller = session.getToken()
    await expect.poll(() => sends).toBe(1)
    const reads = read.mock.calls.length
    await expect.poll(() => read.mock.calls.length).toBeGreaterThan(reads + 3)
    expect(sends).toBe(1)
    isOnline = true
    expect(await caller).toHaveProperty('access_token')
    expect(sends).toBe(2)
  })

  it('an error of a custom grant may have spent the refresh token, and is not taken for a loss of the network', async () => {
    const spent: string[] = []
    const grant = {
      refresh: (refresh_token: string) => {
        spent.push(refresh_token)
        return Promise.reject(new Error('the response was invalid'))
      },
    }
    const session = domain.oauth({
      grant,
      isOnline: () => false,
      replayLostRefresh: false,
      waitTimeout: 1000,
    })
    await session.setToken({ access_token: 'a', refresh_token: 'r', expires_in: 1 })
    domain.emulator.clock.advance(hour)
    await expect(session.getToken()).rejects.toMatchObject({ code: 'RefreshFailed', outcome: 'unknown' })
    await expect(session.getToken()).rejects.toMatchObject({ code: 'Timeout' })
    expect(spent).toEqual(['r'])
  })

  it('a caller whose request failed waits no longer than waitTimeout', async () => {
    const grant = { obtain: () => Promise.reject(new TypeError('Failed to fetch')) }
    const session = domain.oauth({ grant, isOnline: () => false, waitTimeout: 50 })
    await expect(session.getToken()).rejects.toMatchObject({
      code: 'Timeout',
      outcome: 'not-sent',
      message: /offline/,
    })
  })

  it('no token is renewed in the background', async () => {
    let isOnline = false
    const session = domain.oauth({ isOnline: () => isOnline })
    const { access_token, ...token } = await domain.signIn()
    await session.setToken({ access_token, ...token })
    domain.emulator.clock.advance(2 * hour - 60_000)
    expect(await session.getAccessToken()).toBe(access_token)
    isOnline = true
    const refreshed = new Promise((resolve) => session.subscribe('refreshed', resolve))
    expect(await session.getAccessToken()).toBe(access_token)
    await refreshed
    expect(domain.sends()).toBe(1)
  })
})
