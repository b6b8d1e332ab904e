import { refreshJwtToken } from '@pds/auth-jwt'
import { oauthGrant } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import { memoryStore, type Store } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  gate,
  hour,
  recordEvents,
  startTestDomain,
  type TestDomain,
} from '../test/test-domain.test-helper.ts'

/* A refresh of an expired token whose response is lost. */

let domain: TestDomain
const path = '/v2/oauth/token'

afterEach(async () => {
  await domain.close()
})

async function expiredSession(options: Parameters<TestDomain['oauth']>[0] = {}) {
  const session = domain.oauth(options)
  await session.setToken(await domain.signIn())
  domain.emulator.clock.advance(3 * hour)
  return session
}

/** Resolves when a session has marked its refresh token as `suspect`. */
function untilSuspect(store: Store): Promise<void> {
  const { compareAndSet } = store
  return new Promise((resolve) => {
    store.compareAndSet = async (...record) => {
      const written = await compareAndSet(...record)
      if (written && JSON.parse(record[1].data).status === 'suspect') resolve()
      return written
    }
  })
}

describe('a lost response of a strict server', () => {
  beforeEach(async () => {
    domain = await startTestDomain()
  })

  it('causes one replay, and then one login_required', async () => {
    const store = memoryStore()
    const session = await expiredSession({ store })
    const events = recordEvents(session)
    const suspected = untilSuspect(store)
    domain.emulator.injectFault({ type: 'drop', when: 'after', path })
    const callers = Promise.allSettled(Array.from({ length: 400 }, () => session.getToken()))
    await suspected
    domain.emulator.clock.advance(45_000)
    const results = await callers
    for (const result of results) {
      expect(result).toMatchObject({ reason: { code: 'LoginRequired', cause: 'lost_response', status: 400 } })
    }
    expect(events).toMatchObject([{ type: 'login_required', by: 'this', error: { cause: 'lost_response' } }])
    expect(domain.sends()).toBe(2)
    expect(domain.emulator.invalidTokenUses.refresh).toBe(1)
    await expect(session.getToken()).rejects.toMatchObject({ cause: 'lost_response' })
    expect(domain.sends()).toBe(2)
  })

  it('emits no event to an idle session before the login is required', async () => {
    const store = memoryStore()
    const one = await expiredSession({ store })
    const [watched, suspected, wasRead] = [gate(), gate(), gate()]
    untilSuspect(store).then(suspected.open)
    const others: Store = {
      ...store,
      watch(key, changed) {
        watched.open()
        return store.watch?.(key, changed) ?? (() => undefined)
      },
      async read(key) {
        await suspected.opened
        const record = await store.read(key)
        setImmediate(wasRead.open)
        return record
      },
    }
    const other = domain.oauth({ store: others })
    const events = recordEvents(other)
    const heard = new Promise((resolve) => other.subscribe('login_required', resolve))
    await watched.opened
    domain.emulator.injectFault({ type: 'drop', when: 'after', path })
    const rejected = expect(one.getToken()).rejects.toMatchObject({ cause: 'lost_response' })
    await wasRead.opened
    expect(events).toEqual([])
    domain.emulator.clock.advance(45_000)
    await rejected
    await heard
    expect(events).toMatchObject([{ type: 'login_required', by: 'another' }])
  })

  it('causes no replay with replayLostRefresh: false', async () => {
    const store = memoryStore()
    const session = await expiredSession({ store, replayLostRefresh: false })
    const events = recordEvents(session)
    const suspected = untilSuspect(store)
    domain.emulator.injectFault({ type: 'drop', when: 'after', path })
    await expect(session.getToken()).rejects.toMatchObject({ code: 'NetworkError', outcome: 'unknown' })
    const rejected = expect(session.getToken()).rejects.toMatchObject({ cause: 'lost_response' })
    await suspected
    domain.emulator.clock.advance(45_000)
    await rejected
    expect(domain.sends()).toBe(1)
    expect(events.map(({ type }) => type)).toEqual(['error', 'login_required'])
  })

  it('is not suspected if a refresh timed out before its request had a slot', async () => {
    const transport = createTransport({
      api_endpoint: domain.api_endpoint,
      clock: () => domain.emulator.clock.now(),
      concurrency: 1,
    })
    const { client_id, client_secret } = domain.emulator.app('webserver')
    const grant = oauthGrant({
      transport,
      client_id,
      client_secret,
      redirect_uri: 'http://127.0.0.1:3000/callback',
    })
    const options = { grant, store: memoryStore(), replayLostRefresh: false }
    const hasty = await expiredSession({ ...options, requestTimeout: 1 })
    // A request of another caller has the only slot.
    domain.emulator.injectFault({ type: 'delay', milliseconds: 600_000, path: '/v2/account/token' })
    const controller = new AbortController()
    const params = { client_id: 'jwt-app', refresh_token: 'a-refresh-token' }
    const other = refreshJwtToken(transport, params, { signal: controller.signal })
    await expect(hasty.getToken()).rejects.toMatchObject({ code: 'Timeout', outcome: 'not-sent' })
    controller.abort()
    await expect(other).rejects.toMatchObject({ code: 'Aborted' })
    expect(await domain.oauth(options).getAccessToken()).toEqual(expect.any(String))
    expect(domain.sends()).toBe(1)
  })

  it('is recovered by a suspended process that writes its token late', async () => {
    const store = memoryStore()
    const [one, other] = [await expiredSession({ store }), domain.oauth({ store })]
    // The first session gets its token, and is suspended before it writes the token.
    const { access_token } = await new Promise<{ access_token: string }>((resolve) => {
      const { compareAndSet } = store
      let writes = 0
      store.compareAndSet = async (...record) => {
        // The first write is the intent, the second one the token.
        if (++writes < 2) return compareAndSet(...record)
        store.compareAndSet = compareAndSet
        const { token } = JSON.parse(record[1].data)
        resolve(token.info)
        await expect.poll(() => domain.sends()).toBe(2)
        return compareAndSet(...record)
      }
      void one.getToken()
      store.lease = async (key) => ({ fence: 1, record: await store.read(key) })
    })
    expect(await other.getAccessToken()).toBe(access_token)
    expect(domain.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 1 })
  })

  it('stays suspect no longer than suspectTime, even if a wrong clock wrote the time', async () => {
    const store = memoryStore()
    const session = await expiredSession({ store })
    const suspected = untilSuspect(store)
    domain.emulator.clock.advance(3 * hour)
    domain.emulator.injectFault({ type: 'drop', when: 'after', path })
    const lost = expect(session.getToken()).rejects.toMatchObject({ cause: 'lost_response' })
    await suspected
    // Written by a clock that was 3 hours fast.
    domain.emulator.clock.advance(-3 * hour)
    await lost
  })

  it('lets a JWT application obtain another token', async () => {
    const session = domain.jwt()
    const events = recordEvents(session)
    const { access_token } = await session.getToken()
    domain.emulator.clock.advance(3 * hour)
    domain.emulator.injectFault({ type: 'drop', when: 'after', path })
    await expect(session.getToken()).rejects.toMatchObject({ code: 'NetworkError', outcome: 'unknown' })
    expect(await session.getAccessToken()).not.toBe(access_token)
    expect(events.map(({ type }) => type)).toEqual(['refreshed', 'error', 'refreshed'])
  })

  it('costs nothing if the request never arrived', async () => {
    const session = await expiredSession()
    domain.emulator.injectFault({ type: 'drop', when: 'before', path })
    expect(await session.getToken()).toHaveProperty('access_token')
    expect(domain.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it('leaves the old token in use while it is valid', async () => {
    const session = domain.oauth()
    const { access_token } = await domain.signIn().then(async (token) => {
      await session.setToken(token)
      return token
    })
    domain.emulator.clock.advance(2 * hour - 20_000)
    domain.emulator.injectFault({ type: 'drop', when: 'before', path, times: 9 })
    expect(await session.getAccessToken()).toBe(access_token)
    expect(await session.getAccessToken()).toBe(access_token)
    domain.emulator.clearFaults()
    expect(await session.getAccessToken()).not.toBe(access_token)
  })
})

describe('a lost response of a server with a grace period', () => {
  it('is recovered by the replay', async () => {
    domain = await startTestDomain({ rotation: { grace: 10_000 } })
    const session = await expiredSession()
    const events = recordEvents(session)
    domain.emulator.injectFault({ type: 'drop', when: 'after', path })
    const tokens = await Promise.all(Array.from({ length: 400 }, () => session.getAccessToken()))
    expect(new Set(tokens).size).toBe(1)
    expect(domain.sends()).toBe(2)
    expect(domain.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
    expect(events.map(({ type }) => type)).toEqual(['refreshed'])
  })
})

describe('a rejected refresh', () => {
  beforeEach(async () => {
    domain = await startTestDomain()
  })

  it('requires a login at once if no earlier attempt is known', async () => {
    const session = domain.oauth()
    await session.setToken(await domain.signIn())
    const events = recordEvents(session)
    domain.emulator.clock.advance(8 * 24 * hour)
    await expect(session.getToken()).rejects.toMatchObject({
      code: 'LoginRequired',
      cause: 'rejected',
      status: 400,
      outcome: 'responded',
      message: /sign in again \[status: 400\] \[code: LoginRequired\]/,
    })
    expect(events).toMatchObject([{ type: 'login_required', by: 'this', error: { cause: 'rejected' } }])
    expect(domain.sends()).toBe(1)
    const token = await domain.signIn()
    await session.setToken(token)
    expect(await session.getAccessToken()).toBe(token.access_token)
  })

  it('adopts the new token if another process has already refreshed', async () => {
    const store = memoryStore()
    const session = await expiredSession({ store })
    const events = recordEvents(session)
    const other = domain.oauth({ store })
    // The other session refreshes between this session's lease and its request.
    const { compareAndSet } = store
    store.lease = async (key) => ({ fence: 1, record: await store.read(key) })
    let isIntent = true
    store.compareAndSet = async (...record) => {
      const written = await compareAndSet(...record)
      if (isIntent) {
        isIntent = false
        await other.getToken()
      }
      return written
    }
    const token = await session.getAccessToken()
    expect(await other.getAccessToken()).toBe(token)
    expect(events.map(({ type }) => type)).toEqual(['refreshed'])
  })

  it.each([
    [400, 'InvalidParameter.ClientId'],
    [401, 'InvalidClient'],
    [403, 'Forbidden'],
    [404, 'I404NF'],
    [429, 'TooManyRequests'],
    [503, 'InternalError'],
  ])('keeps the refresh token after status %i %s', async (status, code) => {
    const session = await expiredSession()
    domain.emulator.injectFault({ type: 'status', status, code, path })
    await expect(session.getToken()).rejects.toMatchObject({ code, status, outcome: 'responded' })
    domain.emulator.clock.advance(60_000)
    expect(await session.getToken()).toHaveProperty('access_token')
    expect(domain.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })
})
