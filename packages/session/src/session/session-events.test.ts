import { memoryStore } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { gate, hour, listen, startTestDomain, type TestDomain } from '../test/test-domain.test-helper.ts'

let domain: TestDomain

beforeEach(async () => {
  domain = await startTestDomain()
})

afterEach(async () => {
  await domain.close()
})

describe('a listener', () => {
  it('is told of each event once, by whom it came, and no token', async () => {
    const store = memoryStore()
    const [one, other] = [domain.oauth({ store }), domain.oauth({ store })]
    await one.setToken(await domain.signIn())
    await other.getToken()
    const [told, toldOther] = [listen(one), listen(other)]
    domain.emulator.clock.advance(2 * hour)
    const { expire_time } = await one.getToken()
    await other.getToken()
    const expected = { type: 'refreshed', expire_time: expect.any(String) }
    expect(told).toEqual([{ ...expected, by: 'this' }])
    expect(toldOther).toEqual([{ ...expected, by: 'another' }])
    // To the second: the lifetime counts from when the token was asked for.
    const difference = Date.parse(expire_time) - Date.parse((told[0] as { expire_time: string }).expire_time)
    expect(Math.abs(difference)).toBeLessThanOrEqual(5000)
  })

  it('is told at once of what another one does, where the store can tell', async () => {
    const store = memoryStore()
    const [one, other] = [domain.oauth({ store }), domain.oauth({ store })]
    // One that has looked before, and one that has not.
    await other.getToken().catch(() => undefined)
    const third = domain.oauth({ store })
    for (const listening of [other, third]) {
      const heard = (type: 'refreshed' | 'signed_out') =>
        new Promise<{ by: string }>((resolve) => listening.subscribe(type, resolve))
      const signedIn = heard('refreshed')
      await one.setToken(await domain.signIn())
      expect(await signedIn).toMatchObject({ by: 'another' })
      const signedOut = heard('signed_out')
      await one.signOut()
      expect(await signedOut).toMatchObject({ by: 'another' })
    }
  })

  it('that never asked is told once of a refresh that is slow', async () => {
    const store = memoryStore()
    const [watched, looked] = [gate(), gate()]
    const others: typeof store = {
      ...store,
      watch(key, changed) {
        watched.open()
        return store.watch?.(key, changed) ?? (() => undefined)
      },
      async read(key) {
        const record = await store.read(key)
        setImmediate(looked.open)
        return record
      },
    }
    // The other one has seen by then that the token is about to change.
    const slowly: typeof fetch = async (...request) => {
      await looked.opened
      return fetch(...request)
    }
    const one = domain.oauth({ store }, { fetch: slowly })
    await one.setToken(await domain.signIn())
    const other = domain.oauth({ store: others })
    const told = listen(other)
    const heard = new Promise((resolve) => other.subscribe('refreshed', resolve))
    await watched.opened
    domain.emulator.clock.advance(2 * hour)
    await one.getToken()
    await heard
    await new Promise((resolve) => setTimeout(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    expect(told).toEqual([{ type: 'refreshed', by: 'another', expire_time: expect.any(String) }])
  })

  it('is told of what its own session does as that, also where the store tells of it', async () => {
    const session = domain.oauth({ store: memoryStore() })
    const told = listen(session)
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    await session.getToken()
    await session.signOut()
    await new Promise((resolve) => setTimeout(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    expect(told.map(({ type, ...event }) => [type, 'by' in event && event.by])).toEqual([
      ['refreshed', 'this'],
      ['refreshed', 'this'],
      ['signed_out', 'this'],
    ])
  })

  it('that throws, rejects, or calls back into the session harms nothing', async () => {
    const session = domain.oauth()
    await session.setToken(await domain.signIn())
    const called: Promise<string>[] = []
    session.subscribe('refreshed', () => {
      called.push(session.getAccessToken())
      throw new Error('a listener')
    })
    session.subscribe('refreshed', () => Promise.reject(new Error('another listener')) as never)
    session.subscribe('refreshed', () => called.push(session.getAccessToken({ rejected: 'x' })))
    domain.emulator.clock.advance(2 * hour)
    const token = await session.getAccessToken()
    expect(await Promise.all(called)).toEqual([token, token])
    expect(domain.sends()).toBe(1)
  })

  it('of a login that is required may sign in at once', async () => {
    const session = domain.oauth()
    await session.setToken(await domain.signIn())
    const signedIn = new Promise<void>((resolve) => {
      session.subscribe('login_required', async () => {
        await session.setToken(await domain.signIn())
        resolve()
      })
    })
    domain.emulator.clock.advance(8 * 24 * hour)
    await session.getToken().catch(() => undefined)
    await signedIn
    expect(await session.getToken()).toHaveProperty('access_token')
  })

  it('is called until that is taken back, and by a session that is open', async () => {
    const session = domain.oauth()
    const heard: string[] = []
    const listener = () => heard.push('refreshed')
    const end = session.subscribe('refreshed', listener)
    session.subscribe('refreshed', listener)
    await session.setToken(await domain.signIn())
    expect(heard).toHaveLength(2)
    end()
    end()
    await session.setToken(await domain.signIn())
    expect(heard).toHaveLength(3)
    session.close()
    await expect(session.getToken()).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: 'the session is closed',
    })
    expect(heard).toHaveLength(3)
  })

  it('is heard no more once the session is closed, and waits no longer', async () => {
    const store = memoryStore()
    const session = domain.oauth({ store })
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    // Somebody else has it.
    store.lease = async () => undefined
    // Pauses without end: only what ends them is left.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const waiting = session.getToken()
    await new Promise((resolve) => setImmediate(resolve))
    session.close()
    const closed = { code: 'InvalidParameter', message: 'the session is closed' }
    await expect(waiting).rejects.toMatchObject(closed)
    expect(vi.getTimerCount()).toBe(0)
    await expect(session.getAccessToken()).rejects.toMatchObject(closed)
    expect(() => session.subscribe('error', () => undefined)).toThrow('the session is closed')
  })

  it('is not told of a refresh that ends after its session is closed', async () => {
    const [asked, answered] = [gate(), gate()]
    const obtain = async () => {
      asked.open()
      await answered.opened
      return { access_token: 'a', expires_in: 7200 }
    }
    const session = domain.jwt({ grant: { obtain } })
    const told = listen(session)
    const token = session.getToken().catch(() => undefined)
    await asked.opened
    session.close()
    answered.open()
    await token
    expect(told).toEqual([])
  })

  it('that is not there needs no look at a change', async () => {
    const store = memoryStore()
    const [one, other] = [domain.oauth({ store }), domain.oauth({ store })]
    await one.setToken(await domain.signIn())
    await other.getToken()
    const token = await domain.signIn()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    await one.setToken(token)
    const timers = vi.getTimerCount()
    other.close()
    expect(vi.getTimerCount()).toBe(timers)
  })

  it('leaves no timer behind where it is closed before it has looked', async () => {
    const store = memoryStore()
    const [one, other] = [domain.oauth({ store }), domain.oauth({ store })]
    listen(other)
    const token = await domain.signIn()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await one.setToken(token)
    const timers = vi.getTimerCount()
    other.close()
    expect(vi.getTimerCount()).toBe(timers - 1)
    vi.useRealTimers()
  })

  it('of an event that there is not is refused, and the store is not watched', async () => {
    const watch = vi.fn(() => () => undefined)
    const session = domain.oauth({ store: { ...memoryStore(), watch } })
    expect(() => session.subscribe('login' as never, () => undefined)).toThrow(
      'subscribe: there are the events refreshed, login_required, signed_out, error',
    )
    expect(() => session.subscribe('error', 'listener' as never)).toThrow('must be a function')
    // By when this one is watched, that one would be, too.
    await new Promise<void>((resolve) => {
      const watch = () => {
        resolve()
        return () => undefined
      }
      domain.oauth({ store: { ...memoryStore(), watch } }).subscribe('error', () => undefined)
    })
    expect(watch).not.toHaveBeenCalled()
  })
})
