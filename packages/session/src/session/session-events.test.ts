import { memoryStore, type Store } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  gate,
  hour,
  recordEvents,
  startTestDomain,
  type TestDomain,
} from '../test/test-domain.test-helper.ts'

let domain: TestDomain

beforeEach(async () => {
  domain = await startTestDomain()
})

afterEach(async () => {
  await domain.close()
})

/** Waits until no promise is left to be settled. */
async function allTasks(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

/** Opens two sessions of one record. `read` counts how often the other one reads it from now on. */
async function twoSessions() {
  const store = memoryStore()
  const read = vi.fn(store.read)
  let reportChange = () => {}
  const watch: Store['watch'] = (key, changed) => {
    reportChange = changed
    return store.watch?.(key, changed) ?? (() => undefined)
  }
  const [one, other] = [domain.oauth({ store }), domain.oauth({ store: { ...store, read, watch } })]
  await one.setToken(await domain.signIn())
  await other.getToken()
  read.mockClear()
  return { one, other, read, reportChange: () => reportChange() }
}

describe('a listener', () => {
  it('gets each event once, with its origin and without a token', async () => {
    const store = memoryStore()
    const [one, other] = [domain.oauth({ store }), domain.oauth({ store })]
    await one.setToken(await domain.signIn())
    await other.getToken()
    const [events, otherEvents] = [recordEvents(one), recordEvents(other)]
    domain.emulator.clock.advance(2 * hour)
    const { expire_time } = await one.getToken()
    await other.getToken()
    const expected = { type: 'refreshed', expire_time: expect.any(String) }
    expect(events).toEqual([{ ...expected, by: 'this' }])
    expect(otherEvents).toEqual([{ ...expected, by: 'another' }])
    // The lifetime counts from the request, so the two times differ by less than the request took.
    const difference =
      Date.parse(expire_time) - Date.parse((events[0] as { expire_time: string }).expire_time)
    expect(Math.abs(difference)).toBeLessThanOrEqual(5000)
  })

  it('gets the events of another session at once if the store can watch', async () => {
    const store = memoryStore()
    const [one, other] = [domain.oauth({ store }), domain.oauth({ store })]
    // The other session has read the store before; the third one has not.
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

  it('of an idle session gets one event for a slow refresh', async () => {
    const store = memoryStore()
    const [watched, wasRead] = [gate(), gate()]
    const others: typeof store = {
      ...store,
      watch(key, changed) {
        watched.open()
        return store.watch?.(key, changed) ?? (() => undefined)
      },
      async read(key) {
        const record = await store.read(key)
        setImmediate(wasRead.open)
        return record
      },
    }
    // By then the other session has read the intent.
    const slowly: typeof fetch = async (...request) => {
      await wasRead.opened
      return fetch(...request)
    }
    const one = domain.oauth({ store }, { fetch: slowly })
    await one.setToken(await domain.signIn())
    const other = domain.oauth({ store: others })
    const events = recordEvents(other)
    const heard = new Promise((resolve) => other.subscribe('refreshed', resolve))
    await watched.opened
    domain.emulator.clock.advance(2 * hour)
    await one.getToken()
    await heard
    await new Promise((resolve) => setTimeout(resolve))
    await allTasks()
    expect(events).toEqual([{ type: 'refreshed', by: 'another', expire_time: expect.any(String) }])
  })

  it('gets changes of the same session with by: this, although the store reports them too', async () => {
    const session = domain.oauth({ store: memoryStore() })
    const events = recordEvents(session)
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    await session.getToken()
    await session.signOut()
    await new Promise((resolve) => setTimeout(resolve))
    await allTasks()
    expect(events.map(({ type, ...event }) => [type, 'by' in event && event.by])).toEqual([
      ['refreshed', 'this'],
      ['refreshed', 'this'],
      ['signed_out', 'this'],
    ])
  })

  it('gets by: this for a write that the session reads before it hears of its success', async () => {
    const store = memoryStore()
    const { compareAndSet, read } = store
    const wasRead = gate()
    store.compareAndSet = async (...record) => {
      const isWritten = await compareAndSet(...record)
      await wasRead.opened
      return isWritten
    }
    const session = domain.oauth({ store })
    store.read = async (key) => {
      const stored = await read(key)
      if (stored) setImmediate(wasRead.open)
      return stored
    }
    const events = recordEvents(session)
    await session.setToken(await domain.signIn())
    expect(events).toMatchObject([{ type: 'refreshed', by: 'this' }])
  })

  it('may throw, reject, or call the session', async () => {
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

  it('of login_required may call setToken at once', async () => {
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

  it('is called until it is removed or the session is closed', async () => {
    const session = domain.oauth()
    const heard: string[] = []
    const listener = () => heard.push('refreshed')
    const unsubscribe = session.subscribe('refreshed', listener)
    session.subscribe('refreshed', listener)
    await session.setToken(await domain.signIn())
    expect(heard).toHaveLength(2)
    unsubscribe()
    unsubscribe()
    await session.setToken(await domain.signIn())
    expect(heard).toHaveLength(3)
    session.close()
    await expect(session.getToken()).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: 'the session is closed',
    })
    expect(heard).toHaveLength(3)
  })

  it('cannot be added after close, which also ends all waits', async () => {
    const store = memoryStore()
    const session = domain.oauth({ store })
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    // Another owner holds the lease.
    store.lease = async () => undefined
    // Timers never fire, so only close ends the pause.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const waiting = session.getToken()
    await allTasks()
    session.close()
    const closed = { code: 'InvalidParameter', message: 'the session is closed' }
    await expect(waiting).rejects.toMatchObject(closed)
    expect(vi.getTimerCount()).toBe(0)
    await expect(session.getAccessToken()).rejects.toMatchObject(closed)
    expect(() => session.subscribe('error', () => undefined)).toThrow('the session is closed')
  })

  it('gets no event of a refresh that ends after close', async () => {
    const [requested, responded] = [gate(), gate()]
    const obtain = async () => {
      requested.open()
      await responded.opened
      return { access_token: 'a', expires_in: 7200 }
    }
    const session = domain.jwt({ grant: { obtain } })
    const events = recordEvents(session)
    const token = session.getToken().catch(() => undefined)
    await requested.opened
    session.close()
    responded.open()
    await token
    expect(events).toEqual([])
  })

  it('is the only reason to read the store after a change', async () => {
    const { one, other, read } = await twoSessions()
    await one.setToken(await domain.signIn())
    await allTasks()
    expect(read).not.toHaveBeenCalled()
    recordEvents(other)
    await one.setToken(await domain.signIn())
    await allTasks()
    expect(read).toHaveBeenCalled()
  })

  it('gets the events of another session without a timer, which the browser delays in a hidden page', async () => {
    const { one, other } = await twoSessions()
    const events = recordEvents(other)
    const token = await domain.signIn()
    // Timers never fire.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    await one.setToken(token)
    await allTasks()
    expect(events).toMatchObject([{ type: 'refreshed', by: 'another' }])
  })

  it('causes no read if its session is closed first', async () => {
    const { other, read, reportChange } = await twoSessions()
    recordEvents(other)
    reportChange()
    other.close()
    await allTasks()
    expect(read).not.toHaveBeenCalled()
  })

  it('of an unknown event is rejected, and the store is not watched', async () => {
    const watch = vi.fn(() => () => undefined)
    const session = domain.oauth({ store: { ...memoryStore(), watch } })
    expect(() => session.subscribe('login' as never, () => undefined)).toThrow(
      'subscribe: the event type must be one of refreshed, login_required, signed_out, error',
    )
    expect(() => session.subscribe('error', 'listener' as never)).toThrow('must be a function')
    // Once another session watches its store, the rejected subscription would watch too.
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
