import { browserIsMissing } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  lease,
  listenerSpy,
  openWithStoppedClock,
  release,
  startTabs,
  type Tab,
  type Tabs,
  withoutIndexedDB,
  withoutLocalStorage,
  withoutLocks,
} from './tabs.test-helper.ts'

const isGone = (tab: Tab, owner = 'one') => tab.evaluate((owner) => store.isOwnerGone?.(owner), owner)
const hide = (tab: Tab) =>
  tab.evaluate(() => {
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
  })
const show = (tab: Tab) =>
  tab.evaluate(() => {
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
  })
const becomesGone = async (tab: Tab) => {
  while (!(await isGone(tab)));
}

describe.skipIf(browserIsMissing).concurrent(`the owner of a lease ${browserIsMissing || ''}`, () => {
  let tabs: Tabs
  beforeAll(async () => {
    tabs = await startTabs()
  })
  afterAll(() => tabs?.close())

  const openTabs = (scripts: readonly string[] = []) => openWithStoppedClock(tabs, 2, scripts)

  it.each([
    ['IndexedDB', []],
    ['localStorage', [withoutIndexedDB]],
  ])('is not gone while its page is open, also after the lease: %s', async (_backend, scripts) => {
    const [one, other] = await openTabs(scripts)
    expect(await isGone(other)).toBe(true)
    const fence = await lease(one, 'one')
    expect(await isGone(other)).toBe(false)
    expect(await isGone(one)).toBe(false)
    await release(one, 'one', fence)
    expect(await isGone(other)).toBe(false)
    expect(await isGone(other, 'another')).toBe(true)
    expect(await other.evaluate(() => exported.webStore({ name: 'others' }).isOwnerGone?.('one'))).toBe(true)
  })

  it('is not gone while its page waits for a lease', async () => {
    const [one, other] = await openTabs()
    await lease(other, 'other')
    const leasing = lease(one, 'one')
    await one.waitForFunction(async () => (await navigator.locks.query()).pending?.length === 1)
    expect(await isGone(other)).toBe(false)
    await release(other, 'other', 1)
    await leasing
  })

  it.each([
    ['closed', (tab: Tab) => tab.close()],
    ['reloaded', (tab: Tab) => tab.reload()],
    ['hidden for good', hide],
  ])('is gone when its page is %s, and another owner gets the lease', async (_case, leave) => {
    const [one, other] = await openTabs()
    await lease(one, 'one')
    await leave(one)
    expect(await lease(other, 'other')).toBe(2)
    await becomesGone(other)
    expect(await isGone(other, 'other')).toBe(false)
  })

  it('is gone when its store is closed', async () => {
    const [one, other] = await openTabs()
    await lease(one, 'one')
    await one.evaluate(() => store.close())
    expect(await isGone(other)).toBe(true)
  })

  it('is back when a page that was hidden takes a lease again', async () => {
    const [one, other] = await openTabs()
    await lease(one, 'one')
    await hide(one)
    expect(await isGone(other)).toBe(true)
    await show(one)
    expect(await lease(one, 'one')).toBe(2)
    expect(await isGone(other)).toBe(false)
    await hide(one)
    expect(await lease(other, 'other')).toBe(3)
    expect(await isGone(other)).toBe(true)
  })

  it('gets no lease if its page is hidden during the call, and another owner gets it', async () => {
    const [one, other] = await openTabs()
    await lease(one, 'one')
    await release(one, 'one', 1)
    await one.evaluate(() => {
      const { transaction } = IDBDatabase.prototype
      IDBDatabase.prototype.transaction = function (...args) {
        IDBDatabase.prototype.transaction = transaction
        const delayed = transaction.apply(this, args)
        dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
        return delayed
      }
    })
    expect(await lease(one, 'one')).toBeUndefined()
    expect(await lease(other, 'other')).toBe(3)
    // Its next lease is complete again.
    await release(other, 'other', 3)
    await show(one)
    expect(await lease(one, 'one')).toBe(4)
    await release(one, 'one', 4)
    expect(await lease(other, 'other')).toBe(5)
  })

  it('is listened for only while the page has taken a lease', async () => {
    const [one] = await openTabs([listenerSpy])
    const listeners = () => one.evaluate(() => listenersOf('pagehide'))
    expect(await listeners()).toBe(0)
    // The database listens, too.
    await lease(one, 'one')
    await lease(one, 'another')
    expect(await listeners()).toBe(2)
    await hide(one)
    expect(await listeners()).toBe(1)
    await show(one)
    await lease(one, 'one')
    expect(await listeners()).toBe(2)
    await one.evaluate(() => store.close())
    expect(await listeners()).toBe(0)
  })

  it.each([
    ['there are no Web Locks', [withoutLocks]],
    ['the browser denies all storage', [withoutIndexedDB, withoutLocalStorage]],
    [
      'the Web Locks fail',
      ["LockManager.prototype.query = async () => { throw new DOMException('', 'InvalidStateError') }"],
    ],
  ])('is not known to be gone if %s', async (_case, scripts) => {
    const [one, other] = await openTabs(scripts)
    expect(await lease(one, 'one')).toBe(1)
    await other.evaluate(() => store.read('key'))
    await one.close()
    expect(await isGone(other)).toBe(false)
  })
})
