import { memoryStore, type Store } from '@pds/session'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { hour, startTestDomain, type TestDomain } from '../test/test-domain.test-helper.ts'

/* How often a session calls its store. */

let domain: TestDomain

beforeEach(async () => {
  domain = await startTestDomain()
})

afterEach(async () => {
  vi.useRealTimers()
  await domain.close()
})

/** Counts the calls of a store, by name. Without `watch`, as a store of another process. */
function countingStore(more: Partial<Store> = {}) {
  const calls: string[] = []
  const { read, compareAndSet, lease, release } = memoryStore()
  const counted =
    <Args extends unknown[], Result>(name: string, call: (...args: Args) => Result) =>
    (...args: Args) => {
      calls.push(name)
      return call(...args)
    }
  const store: Store = {
    scope: 'cluster',
    read: counted('read', read),
    compareAndSet: counted('compareAndSet', compareAndSet),
    lease: counted('lease', lease),
    release: counted('release', release),
    ...more,
  }
  return { store, calls, take: () => calls.splice(0) }
}

it('a first token takes 3 calls, and a second session one', async () => {
  const { store, take } = countingStore()
  await domain.jwt({ store }).getToken()
  expect(take()).toEqual(['read', 'lease', 'compareAndSet'])
  await domain.jwt({ store }).getToken()
  expect(take()).toEqual(['read'])
})

it('a sign-in takes 2 calls, and a refresh 4', async () => {
  const { store, take } = countingStore()
  const session = domain.oauth({ store })
  await session.setToken(await domain.signIn())
  expect(take()).toEqual(['read', 'compareAndSet'])
  domain.emulator.clock.advance(2 * hour)
  await session.getToken()
  expect(take()).toEqual(['read', 'lease', 'compareAndSet', 'compareAndSet'])
})

it('a renewal in the background takes no read', async () => {
  const { store, take } = countingStore()
  const session = domain.jwt({ store })
  await session.getToken()
  take()
  domain.emulator.clock.advance(2 * hour - 60_000)
  const refreshed = new Promise((resolve) => session.subscribe('refreshed', resolve))
  await session.getToken()
  await refreshed
  expect(take()).toEqual(['read', 'lease', 'compareAndSet'])
})

it('a token is not looked up again while the store reports every change', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  let isWatching = true
  let notify: () => void = () => undefined
  const { store, take } = countingStore({
    watch(_key, changed) {
      notify = changed
      return () => undefined
    },
    isWatching: () => isWatching,
  })
  const session = domain.jwt({ store })
  await session.getToken()
  take()
  for (let minute = 0; minute < 60; minute++) {
    vi.advanceTimersByTime(60_000)
    await session.getToken()
  }
  expect(take()).toEqual([])
  notify()
  await session.getToken()
  expect(take()).toEqual(['read'])
  // While the store cannot tell, every 5 seconds.
  isWatching = false
  for (let second = 0; second < 15; second++) {
    vi.advanceTimersByTime(1001)
    await session.getToken()
  }
  expect(take()).toHaveLength(3)
})

it('a change that the store reports when it is asked is read at once', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  let notify: () => void = () => undefined
  const { store, take } = countingStore({
    watch(_key, changed) {
      notify = changed
      return () => undefined
    },
    isWatching: () => {
      notify()
      return true
    },
  })
  const session = domain.jwt({ store })
  await session.getToken()
  take()
  vi.advanceTimersByTime(6000)
  await session.getToken()
  expect(take()).toEqual(['read'])
})

it('the id of a grant is hashed once for all its sessions', async () => {
  const digest = vi.spyOn(crypto.subtle, 'digest')
  const grant = { id: 'an application', obtain: () => ({ access_token: 'a', expires_in: 7200 }) }
  const store = memoryStore()
  for (let user = 0; user < 20; user++) await domain.oauth({ key: `${user}`, grant, store }).getToken()
  expect(digest).toHaveBeenCalledTimes(1)
  digest.mockRestore()
})
