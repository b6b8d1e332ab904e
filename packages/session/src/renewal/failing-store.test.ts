import { inspect } from 'node:util'
import { PDSError } from '@pds/core'
import { memoryStore, type Store } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  failingStore,
  gate,
  hour,
  recordEvents,
  startTestDomain,
  type TestDomain,
} from '../test/test-domain.test-helper.ts'

/* A store that fails: no process loses a token that it holds, and none sends a spent refresh token. */

let domain: TestDomain
let failure: Parameters<typeof failingStore>[0]
const diskFull = () => new Error('database or disk is full')
const store = () => failingStore((...operation) => failure(...operation))

beforeEach(async () => {
  domain = await startTestDomain()
  failure = () => undefined
})

afterEach(async () => {
  vi.useRealTimers()
  await domain.close()
})

describe('a store that fails to write a refreshed token', () => {
  it('three times: callers get the token, and the other session does not spend the old refresh token', async () => {
    const shared = store()
    const [one, other] = [domain.oauth({ store: shared }), domain.oauth({ store: shared })]
    await one.setToken(await domain.signIn())
    const events = recordEvents(one)
    domain.emulator.clock.advance(2 * hour)
    const lease = vi.spyOn(shared, 'lease')
    let writes = 0
    // The intent, then four attempts to write the token.
    failure = (operation) =>
      operation === 'compareAndSet' && ++writes > 1 && writes < 5 ? diskFull() : undefined
    const [first, second] = await Promise.all([one.getAccessToken(), other.getAccessToken()])
    expect(second).toBe(first)
    expect(writes).toBe(5)
    // The lease was extended with each attempt.
    const owners = lease.mock.calls.map(([, owner]) => owner)
    expect(owners.filter((owner) => owner === owners[0])).toHaveLength(4)
    expect(domain.sends()).toBe(1)
    expect(domain.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
    expect(events.map(({ type }) => type)).toEqual(['error', 'refreshed'])
    expect(events[0]).toMatchObject({
      error: { code: 'StoreFailed', cause: { message: 'database or disk is full' } },
    })
    expect(await one.getAccessToken()).toBe(first)
  })

  it('gets it before the next refresh', async () => {
    const session = domain.oauth({ store: store() })
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    let writes = 0
    failure = (operation) => (operation === 'compareAndSet' && ++writes > 1 ? diskFull() : undefined)
    const token = await session.getAccessToken()
    domain.emulator.clock.advance(2 * hour)
    await expect(session.getToken()).rejects.toMatchObject({ code: 'StoreFailed', outcome: 'not-sent' })
    failure = () => undefined
    expect(await session.getAccessToken()).not.toBe(token)
    expect(domain.sends()).toBe(2)
    expect(domain.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it('never gets it after a sign-out', async () => {
    const session = domain.oauth({ store: store() })
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    let writes = 0
    failure = (operation) => (operation === 'compareAndSet' && ++writes > 1 ? diskFull() : undefined)
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

describe('a refreshed token that the store fails to write', () => {
  /** Creates two sessions that share a store. The store fails the writes of the first one after its intent. */
  function sessions() {
    const shared = memoryStore()
    const state = { isFull: true }
    const failing: Store = {
      ...shared,
      isWatching: () => false,
      read: (key) => shared.read(key),
      async compareAndSet(key, record, rev, release) {
        if (state.isFull && rev >= 2) throw diskFull()
        return shared.compareAndSet(key, record, rev, release)
      },
    }
    const grant = {
      refresh: vi.fn(async () => ({ access_token: 'a2', refresh_token: 'r2', expires_in: 7200 })),
      revoke: vi.fn(async () => undefined),
    }
    const one = domain.oauth({ store: failing, grant })
    return { one, other: domain.oauth({ store: shared, grant }), grant, state, shared }
  }

  const first = { access_token: 'a1', refresh_token: 'r1', expires_in: 7200 }

  it('is revoked if another session signs out before it is stored', async () => {
    const { one, other, grant } = sessions()
    await one.setToken(first)
    domain.emulator.clock.advance(2 * hour)
    expect(await one.getAccessToken()).toBe('a2')
    await other.signOut()
    await expect.poll(() => grant.revoke.mock.calls.map(([token]: unknown[]) => token)).toEqual(['r1', 'r2'])
    await expect(one.getToken()).rejects.toMatchObject({ cause: 'signed_out' })
  })

  it('is not stored after a sign-out that failed', async () => {
    const { one, other, grant, state } = sessions()
    await one.setToken(first)
    domain.emulator.clock.advance(2 * hour)
    expect(await one.getAccessToken()).toBe('a2')
    await expect(one.signOut()).rejects.toMatchObject({ code: 'StoreFailed' })
    expect(grant.revoke).toHaveBeenCalledWith('r2', expect.anything())
    state.isFull = false
    await one.status()
    expect((await other.status()).expiresAt).toBeLessThanOrEqual(domain.emulator.clock.now())
  })

  it('does not delay callers while the store does not respond', async () => {
    const { one, shared } = sessions()
    await one.setToken(first)
    domain.emulator.clock.advance(2 * hour)
    expect(await one.getAccessToken()).toBe('a2')
    shared.read = () => new Promise(() => undefined)
    vi.useFakeTimers({ toFake: ['performance'] })
    vi.advanceTimersByTime(10_000)
    const turn = new Promise((resolve) => setImmediate(resolve))
    expect(await Promise.race([one.getAccessToken(), turn])).toBe('a2')
  })
})

describe('a store that fails once', () => {
  it('to extend the lease for a replay does not lose the late response', async () => {
    const { opened, open } = gate()
    const grant = {
      async refresh() {
        // The lease has too little time left for a replay.
        domain.emulator.clock.advance(1000)
        failure = (operation) => (operation === 'lease' ? diskFull() : undefined)
        await opened
        return { access_token: 'late', refresh_token: 'late', expires_in: 7200 }
      },
    }
    const session = domain.oauth({ store: store(), grant, requestTimeout: 20, leaseTime: 1020 })
    await session.setToken({ access_token: 'a', refresh_token: 'r', expires_in: 1 })
    domain.emulator.clock.advance(hour)
    await expect(session.getToken()).rejects.toMatchObject({ code: 'StoreFailed' })
    const refreshed = new Promise((resolve) => session.subscribe('refreshed', resolve))
    open()
    await refreshed
    expect(await session.getAccessToken()).toBe('late')
  })

  it('after it wrote the intent does not end the sign-in, even without replays', async () => {
    const shared = store()
    const { compareAndSet } = shared
    const session = domain.oauth({ store: shared, replayLostRefresh: false })
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    shared.compareAndSet = async (...args) => {
      shared.compareAndSet = compareAndSet
      await compareAndSet(...args)
      throw diskFull()
    }
    await expect(session.getToken()).rejects.toMatchObject({ code: 'StoreFailed' })
    expect(await session.getToken()).toHaveProperty('access_token')
    expect(domain.sends()).toBe(1)
  })

  it('while an unused intent is reverted does not end the sign-in, even without replays', async () => {
    const session = domain.oauth({ store: store(), replayLostRefresh: false })
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    domain.emulator.injectFault({ type: 'throttle', path: '/v2/oauth/token' })
    let writes = 0
    failure = (operation) => (operation === 'compareAndSet' && ++writes === 2 ? diskFull() : undefined)
    await expect(session.getToken()).rejects.toMatchObject({ status: 429 })
    domain.emulator.clock.advance(60_000)
    expect(await session.getToken()).toHaveProperty('access_token')
    expect(domain.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it('with a PDSError still lets callers get the refreshed token', async () => {
    const shared = store()
    const { compareAndSet } = shared
    const session = domain.oauth({ store: shared })
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    let writes = 0
    shared.compareAndSet = async (...args) => {
      // As a store would that uses a transport of this SDK.
      if (++writes === 2) throw new PDSError('x', { code: 'NetworkError', outcome: 'unknown' })
      return compareAndSet(...args)
    }
    expect(await session.getToken()).toHaveProperty('access_token')
    expect(domain.sends()).toBe(1)
  })

  it('with an error that contains tokens has them redacted', async () => {
    const shared = store()
    const session = domain.oauth({ store: shared })
    const token = await domain.signIn()
    await session.setToken(token)
    domain.emulator.clock.advance(2 * hour)
    const next = await session.getToken()
    failure = () => new Error(JSON.stringify([token, next, token.refresh_token]))
    domain.emulator.clock.advance(2 * hour)
    const error = await session.getToken().catch((reason: unknown) => reason)
    const shown = inspect(error, { depth: 9 })
    for (const { access_token, refresh_token = '' } of [token, next]) {
      expect(shown).not.toContain(access_token)
      expect(shown).not.toContain(refresh_token)
    }
  })
})

describe('a store', () => {
  it.each(['oauth', 'jwt'] as const)('that never responds times out after waitTimeout, %s', async (kind) => {
    const never = () => new Promise<never>(() => undefined)
    const session = domain[kind]({
      store: { ...store(), read: never, compareAndSet: never, lease: never },
      waitTimeout: 50,
    })
    if (kind === 'jwt') expect(await session.getToken()).toHaveProperty('access_token')
    else {
      await expect(session.getToken()).rejects.toMatchObject({
        code: 'StoreFailed',
        cause: { message: 'no response within 50 ms' },
      })
    }
  })

  it('does not time out because the process was suspended', async () => {
    const shared = store()
    // Long enough for a slow machine to finish after the suspension.
    const session = domain.oauth({ store: shared, waitTimeout: 2000 })
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    const { lease } = shared
    shared.lease = async (...args) => {
      // Blocks the process with its timers, as a frozen tab.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3500)
      await new Promise((resolve) => setTimeout(resolve, 50))
      return lease(...args)
    }
    expect(await session.getToken()).toHaveProperty('access_token')
    expect(domain.sends()).toBe(1)
  })

  it('that rejects every write causes StoreFailed', async () => {
    const session = domain.oauth({ store: { ...store(), compareAndSet: async () => false } })
    await expect(session.setToken(await domain.signIn())).rejects.toMatchObject({
      code: 'StoreFailed',
      cause: { message: 'compareAndSet of the session record failed 100 times in a row' },
    })
  })

  it('that was emptied during a refresh gets the new token', async () => {
    const shared = store()
    const session = domain.oauth({ store: shared })
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    const { compareAndSet } = shared
    let writes = 0
    shared.compareAndSet = async (key, record, rev) => {
      if (++writes === 2) {
        const empty = store()
        Object.assign(shared, { read: empty.read, compareAndSet: empty.compareAndSet, lease: empty.lease })
        return false
      }
      return compareAndSet(key, record, rev)
    }
    const token = await session.getAccessToken()
    expect(await domain.oauth({ store: shared }).getAccessToken()).toBe(token)
  })
})

describe('while a store is unavailable', () => {
  it.each(['read', 'lease', 'compareAndSet'])('for %s, no refresh token is sent', async (failing) => {
    const session = domain.oauth({ store: store() })
    const { access_token, ...token } = await domain.signIn()
    await session.setToken({ access_token, ...token })
    failure = (operation) => (operation === failing ? diskFull() : undefined)
    domain.emulator.clock.advance(2 * hour - 10_000)
    // A valid token is returned.
    expect(await session.getAccessToken()).toBe(access_token)
    domain.emulator.clock.advance(10_000)
    await expect(session.getToken()).rejects.toMatchObject({ code: 'StoreFailed', outcome: 'not-sent' })
    expect(domain.sends()).toBe(0)
    failure = () => undefined
    expect(await session.getAccessToken()).not.toBe(access_token)
  })

  it.each(['read', 'lease', 'compareAndSet'])(
    'for %s, a JWT application still gets tokens',
    async (failing) => {
      const session = domain.jwt({ store: store() })
      const events = recordEvents(session)
      const first = await session.getAccessToken()
      failure = (operation) => (operation === failing ? diskFull() : undefined)
      domain.emulator.clock.advance(2 * hour)
      const second = await session.getAccessToken()
      expect(second).not.toBe(first)
      expect(await session.getAccessToken()).toBe(second)
      domain.emulator.clock.advance(2 * hour)
      const third = await session.getAccessToken()
      expect(third).not.toBe(second)
      // The store holds an older token, which causes no event.
      expect(events.filter((event) => 'by' in event && event.by === 'another')).toEqual([])
      failure = () => undefined
      await expect.poll(() => session.getAccessToken()).toBe(third)
      expect(domain.sends()).toBe(3)
    },
  )

  it('a JWT application that is signed out gets no token', async () => {
    const session = domain.jwt({ store: store() })
    await session.getToken()
    await session.signOut()
    failure = diskFull
    await expect(session.getToken()).rejects.toMatchObject({ code: 'LoginRequired', cause: 'signed_out' })
    expect(domain.sends()).toBe(1)
  })
})
