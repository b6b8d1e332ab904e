import { memoryStore, type Store } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gate, hour, listen, startTestDomain, type TestDomain } from '../test/test-domain.test-helper.ts'

/* What becomes of a refresh whose answer is lost, with a token that has expired. */

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

/** Ends when a session has written that a refresh token seems to be spent. */
function suspicion(store: Store): Promise<void> {
  const { compareAndSet } = store
  return new Promise((resolve) => {
    store.compareAndSet = async (...record) => {
      const written = await compareAndSet(...record)
      if (written && JSON.parse(record[1].data).status === 'suspect') resolve()
      return written
    }
  })
}

describe('on a strict server', () => {
  beforeEach(async () => {
    domain = await startTestDomain()
  })

  it('is sent twice, and then a login is required once', async () => {
    const store = memoryStore()
    const session = await expiredSession({ store })
    const told = listen(session)
    const suspected = suspicion(store)
    domain.emulator.injectFault({ type: 'drop', when: 'after', path })
    const callers = Promise.allSettled(Array.from({ length: 400 }, () => session.getToken()))
    await suspected
    domain.emulator.clock.advance(45_000)
    const results = await callers
    for (const result of results) {
      expect(result).toMatchObject({ reason: { code: 'LoginRequired', cause: 'lost_response', status: 400 } })
    }
    expect(told).toMatchObject([{ type: 'login_required', by: 'this', error: { cause: 'lost_response' } }])
    expect(domain.sends()).toBe(2)
    expect(domain.emulator.invalidTokenUses.refresh).toBe(1)
    await expect(session.getToken()).rejects.toMatchObject({ cause: 'lost_response' })
    expect(domain.sends()).toBe(2)
  })

  it('is no news to a listener that never asked, until a login is required', async () => {
    const store = memoryStore()
    const one = await expiredSession({ store })
    const [watched, suspected, looked] = [gate(), gate(), gate()]
    suspicion(store).then(suspected.open)
    const others: Store = {
      ...store,
      watch(key, changed) {
        watched.open()
        return store.watch?.(key, changed) ?? (() => undefined)
      },
      async read(key) {
        await suspected.opened
        const record = await store.read(key)
        setImmediate(looked.open)
        return record
      },
    }
    const other = domain.oauth({ store: others })
    const told = listen(other)
    const heard = new Promise((resolve) => other.subscribe('login_required', resolve))
    await watched.opened
    domain.emulator.injectFault({ type: 'drop', when: 'after', path })
    const rejected = expect(one.getToken()).rejects.toMatchObject({ cause: 'lost_response' })
    await looked.opened
    expect(told).toEqual([])
    domain.emulator.clock.advance(45_000)
    await rejected
    await heard
    expect(told).toMatchObject([{ type: 'login_required', by: 'another' }])
  })

  it('is sent once where a replay would end the family', async () => {
    const store = memoryStore()
    const session = await expiredSession({ store, replayLostRefresh: false })
    const told = listen(session)
    const suspected = suspicion(store)
    domain.emulator.injectFault({ type: 'drop', when: 'after', path })
    await expect(session.getToken()).rejects.toMatchObject({ code: 'NetworkError', outcome: 'unknown' })
    const rejected = expect(session.getToken()).rejects.toMatchObject({ cause: 'lost_response' })
    await suspected
    domain.emulator.clock.advance(45_000)
    await rejected
    expect(domain.sends()).toBe(1)
    expect(told.map(({ type }) => type)).toEqual(['error', 'login_required'])
  })

  it('is healed by who comes late', async () => {
    const store = memoryStore()
    const [one, other] = [await expiredSession({ store }), domain.oauth({ store })]
    // The first one gets its tokens, and stands still before it can write them.
    const { access_token } = await new Promise<{ access_token: string }>((resolve) => {
      const { compareAndSet } = store
      let writes = 0
      store.compareAndSet = async (...record) => {
        // The intent, and then the token.
        if (++writes < 2) return compareAndSet(...record)
        store.compareAndSet = compareAndSet
        const { token } = JSON.parse(record[1].data)
        resolve(token.info)
        await expect.poll(() => domain.sends()).toBe(2)
        return compareAndSet(...record)
      }
      void one.getToken()
      store.lease = async () => 1
    })
    expect(await other.getAccessToken()).toBe(access_token)
    expect(domain.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 1 })
  })

  it('is suspected no longer than it can be, by whatever clock that was written', async () => {
    const store = memoryStore()
    const session = await expiredSession({ store })
    const suspected = suspicion(store)
    domain.emulator.clock.advance(3 * hour)
    domain.emulator.injectFault({ type: 'drop', when: 'after', path })
    const lost = expect(session.getToken()).rejects.toMatchObject({ cause: 'lost_response' })
    await suspected
    // Written by a clock that was 3 hours fast.
    domain.emulator.clock.advance(-3 * hour)
    await lost
  })

  it('is none of a JWT application: it obtains another token', async () => {
    const session = domain.jwt()
    const told = listen(session)
    const { access_token } = await session.getToken()
    domain.emulator.clock.advance(3 * hour)
    domain.emulator.injectFault({ type: 'drop', when: 'after', path })
    await expect(session.getToken()).rejects.toMatchObject({ code: 'NetworkError', outcome: 'unknown' })
    expect(await session.getAccessToken()).not.toBe(access_token)
    expect(told.map(({ type }) => type)).toEqual(['refreshed', 'error', 'refreshed'])
  })

  it('is no loss where the request never came through', async () => {
    const session = await expiredSession()
    domain.emulator.injectFault({ type: 'drop', when: 'before', path })
    expect(await session.getToken()).toHaveProperty('access_token')
    expect(domain.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it('leaves the old token in use for as long as the service takes it', async () => {
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

describe('on a server with a grace', () => {
  it('is answered again', async () => {
    domain = await startTestDomain({ rotation: { grace: 10_000 } })
    const session = await expiredSession()
    const told = listen(session)
    domain.emulator.injectFault({ type: 'drop', when: 'after', path })
    const tokens = await Promise.all(Array.from({ length: 400 }, () => session.getAccessToken()))
    expect(new Set(tokens).size).toBe(1)
    expect(domain.sends()).toBe(2)
    expect(domain.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
    expect(told.map(({ type }) => type)).toEqual(['refreshed'])
  })
})

describe('a refusal', () => {
  beforeEach(async () => {
    domain = await startTestDomain()
  })

  it('of a token that nobody has tried before requires a login at once', async () => {
    const session = domain.oauth()
    await session.setToken(await domain.signIn())
    const told = listen(session)
    domain.emulator.clock.advance(8 * 24 * hour)
    await expect(session.getToken()).rejects.toMatchObject({
      code: 'LoginRequired',
      cause: 'rejected',
      status: 400,
      outcome: 'responded',
      message: /sign in again \[status: 400\] \[code: LoginRequired\]/,
    })
    expect(told).toMatchObject([{ type: 'login_required', by: 'this', error: { cause: 'rejected' } }])
    expect(domain.sends()).toBe(1)
    const token = await domain.signIn()
    await session.setToken(token)
    expect(await session.getAccessToken()).toBe(token.access_token)
  })

  it('of a token that another process has spent meanwhile adopts what that has got', async () => {
    const store = memoryStore()
    const session = await expiredSession({ store })
    const told = listen(session)
    const other = domain.oauth({ store })
    // What the other one does between this one's lease and its request.
    const { compareAndSet } = store
    store.lease = async () => 1
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
    expect(told.map(({ type }) => type)).toEqual(['refreshed'])
  })

  it.each([
    [400, 'InvalidParameter.ClientId'],
    [401, 'InvalidClient'],
    [403, 'Forbidden'],
    [404, 'I404NF'],
    [429, 'TooManyRequests'],
    [503, 'InternalError'],
  ])('for another reason, %i %s, leaves the refresh token as it is', async (status, code) => {
    const session = await expiredSession()
    domain.emulator.injectFault({ type: 'status', status, code, path })
    await expect(session.getToken()).rejects.toMatchObject({ code, status, outcome: 'responded' })
    expect(await session.getToken()).toHaveProperty('access_token')
    expect(domain.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })
})
