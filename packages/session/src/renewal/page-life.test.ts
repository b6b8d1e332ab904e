import { memoryStore } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { hour, recordEvents, startTestDomain, type TestDomain } from '../test/test-domain.test-helper.ts'

/* A page that goes away, simulated by its events. The packed run has the same in Firefox and WebKit. */

let domain: TestDomain
let page: EventTarget

beforeEach(async () => {
  page = new EventTarget()
  vi.stubGlobal('document', page)
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
  domain = await startTestDomain()
})

afterEach(async () => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
  await domain.close()
})

const leave = (type: 'pagehide' | 'beforeunload') => page.dispatchEvent(new Event(type))
const comeBack = (persisted: boolean) =>
  page.dispatchEvent(Object.assign(new Event('pageshow'), { persisted }))

/** Creates a session whose requests fail like the requests of a page in Firefox that goes away. */
async function leavingPage(when: 'pagehide' | 'beforeunload' | 'beforeunload in the next turn') {
  const store = memoryStore()
  let sends = 0
  const session = domain.oauth(
    { store },
    {
      async fetch(url, init) {
        if (++sends > 1) return fetch(url, init)
        const event = when === 'pagehide' ? when : 'beforeunload'
        if (when.endsWith('turn')) setImmediate(() => leave(event))
        else leave(event)
        throw new TypeError('NetworkError when attempting to fetch resource.')
      },
    },
  )
  await session.setToken(await domain.signIn())
  domain.emulator.clock.advance(2 * hour)
  return { session, store, sends: () => sends }
}

describe.each(['pagehide', 'beforeunload'] as const)('a page that goes away at %s', (when) => {
  it('sends no replay, and releases its lease', async () => {
    const { session, store, sends } = await leavingPage(when)
    const waiting = session.getToken()
    await expect.poll(sends).toBe(1)
    // The next page, which does not go away, refreshes at once.
    vi.stubGlobal('document', undefined)
    expect(await domain.oauth({ store }).getToken()).toHaveProperty('access_token')
    expect(sends()).toBe(1)
    expect(domain.emulator.invalidTokenUses.refresh).toBe(0)
    session.close()
    await expect(waiting).rejects.toMatchObject({ code: 'InvalidParameter' })
  })
})

it('a page whose navigation was cancelled, or was a download, goes on after 5 seconds', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const { session, sends } = await leavingPage('beforeunload')
  const waiting = session.getToken()
  await expect.poll(sends).toBe(1)
  vi.advanceTimersByTime(5000)
  expect(await waiting).toHaveProperty('access_token')
  expect(sends()).toBe(2)
})

it('a page that returns from the back/forward cache reads its record again, and tells its listeners', async () => {
  const { watch: _, isWatching: __, ...store } = memoryStore()
  const session = domain.oauth({ store })
  await session.setToken(await domain.signIn())
  const events = recordEvents(session)
  const signedOut = new Promise((resolve) => session.subscribe('signed_out', resolve))
  leave('pagehide')
  await domain.oauth({ store }).signOut()
  comeBack(true)
  await expect(session.getToken()).rejects.toMatchObject({ cause: 'signed_out' })
  await signedOut
  expect(events).toMatchObject([{ type: 'signed_out', by: 'another' }])
})

it('a page that returns refreshes again', async () => {
  const { session, sends } = await leavingPage('pagehide')
  const waiting = session.getToken()
  await expect.poll(sends).toBe(1)
  comeBack(true)
  expect(await waiting).toHaveProperty('access_token')
})

it('a closed session listens to no page', async () => {
  const removed = vi.spyOn(page, 'removeEventListener')
  const added = vi.spyOn(page, 'addEventListener')
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
  const session = domain.oauth()
  await session.setToken(await domain.signIn())
  domain.emulator.clock.advance(2 * hour)
  await session.getToken()
  session.close()
  expect(added.mock.calls.map(([type]) => type)).toContain('pagehide')
  const isRemoved = ([type, listener]: unknown[]) =>
    removed.mock.calls.some((call) => call[0] === type && call[1] === listener)
  expect(added.mock.calls.filter((call) => !isRemoved(call))).toEqual([])
})
