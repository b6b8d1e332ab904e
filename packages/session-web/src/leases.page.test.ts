import { browserIsMissing, freezePage } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  lease,
  openWithStoppedClock,
  release,
  startTabs,
  stopClock,
  type Tab,
  type Tabs,
  withoutLocks,
} from './tabs.test-helper.ts'

let tabs: Tabs

/** Opens tabs of one context, in which no time goes by that a test does not let go by. */
async function openTabs(count: number, scripts?: readonly string[]): Promise<[Tab, Tab, Tab]> {
  const opened = await openWithStoppedClock(tabs, count, scripts)
  await stopClock(opened[0])
  return opened
}

const isLocked = (tab: Tab) => tab.evaluate(async () => (await navigator.locks.query()).held?.length !== 0)
const isWaitedFor = (tab: Tab) =>
  tab.waitForFunction(async () => (await navigator.locks.query()).pending?.length === 1)

/** Asks for the lease while somebody else has the lock, and lets the second go by that is waited for it. */
async function leaseWithoutLock(tab: Tab, owner: string): Promise<number | undefined> {
  const asked = lease(tab, owner)
  await isWaitedFor(tab)
  await tab.clock.runFor(1000)
  return asked
}

describe.skipIf(browserIsMissing)(`a lease ${browserIsMissing || ''}`, () => {
  beforeAll(async () => {
    tabs = await startTabs()
  })
  afterAll(() => tabs?.close())

  describe.concurrent('in a tab', () => {
    it('is waited for, and given as soon as it is released', async () => {
      const [one, other] = await openTabs(2)
      const fence = await lease(one, 'one')
      const asked = lease(other, 'other')
      await isWaitedFor(other)
      await release(one, 'one', fence)
      expect(await asked).toBe(2)
    })

    it('of a tab that is closed is over at once', async () => {
      const [one, other, third] = await openTabs(3)
      await lease(one, 'one')
      expect(await leaseWithoutLock(other, 'other')).toBeUndefined()
      await one.close()
      expect(await lease(other, 'other')).toBe(2)
      expect(await leaseWithoutLock(third, 'third')).toBeUndefined()
    })

    it('of a tab that is reloaded is over at once', async () => {
      const [one, other] = await openTabs(2)
      await lease(one, 'one')
      await one.reload()
      expect(await lease(other, 'other')).toBe(2)
    })

    it('of a tab that is closed lasts for its time where there are no Web Locks', async () => {
      const [one, other] = await openTabs(2, [withoutLocks])
      await lease(one, 'one')
      await one.close()
      expect(await lease(other, 'other')).toBeUndefined()
      await other.evaluate(() => {
        now += 60_000
      })
      expect(await lease(other, 'other')).toBe(2)
    })

    it('is asked for anew by its owner, which has lost it meanwhile: the lock goes with it', async () => {
      const [one, other] = await openTabs(2)
      await lease(one, 'one')
      await other.evaluate(() => {
        now += 60_000
      })
      expect(await leaseWithoutLock(other, 'other')).toBe(2)
      await one.evaluate(() => {
        now += 60_000
      })
      expect(await isLocked(other)).toBe(true)
      expect(await lease(one, 'one')).toBeUndefined()
      expect(await isLocked(other)).toBe(false)
    })

    it('has its lock for its time, and no longer', async () => {
      const [one, other] = await openTabs(2)
      await lease(one, 'one', 50)
      await one.clock.runFor(49)
      expect(await isLocked(other)).toBe(true)
      await one.clock.runFor(1)
      expect(await isLocked(other)).toBe(false)
      expect(await lease(other, 'other')).toBe(2)
    })

    it('has its lock for as long as it was renewed for', async () => {
      const [one, other] = await openTabs(2)
      await lease(one, 'one', 50)
      await one.evaluate(async () => {
        await Promise.all([store.lease('key', 'one', 50), store.lease('key', 'one', 2 ** 40)])
        await store.release('key', 'one', 1)
      })
      // Longer than the 50 ms.
      expect(await leaseWithoutLock(other, 'other')).toBeUndefined()
      expect(await isLocked(other)).toBe(true)
    })

    it('is given twice to an owner who asks twice at once, with one lock', async () => {
      const [one, other] = await openTabs(2)
      const fences = one.evaluate(() =>
        Promise.all([store.lease('key', 'one', 60_000), store.lease('key', 'one', 60_000)]),
      )
      await isWaitedFor(one)
      await one.clock.runFor(1000)
      expect(await fences).toEqual([1, 2])
      await release(one, 'one', 2)
      expect(await lease(other, 'other')).toBe(3)
    })

    it('is not taken from an owner who asks for it by another store of its page', async () => {
      const [one, other] = await openTabs(2)
      await lease(one, 'one')
      const second = one.evaluate(() => exported.webStore({ clock: () => now }).lease('key', 'one', 60_000))
      await isWaitedFor(one)
      await one.clock.runFor(1000)
      expect(await second).toBe(2)
      await release(one, 'one', 1)
      expect(await lease(other, 'other')).toBeUndefined()
    })

    it('that fails leaves no lock, and an error that says nothing of why the clock failed', async () => {
      const [one] = await openTabs(1)
      const message = await one.evaluate(() => {
        const clock = () => {
          throw new Error('secret')
        }
        return exported
          .webStore({ clock })
          .lease('key', 'one', 60_000)
          .catch((error) => `${error}`)
      })
      expect(message).toBe('Error: web storage "pds-sessions": Error: it failed, try again')
      expect(await isLocked(one)).toBe(false)
    })

    it('is over when the clock was set back by more than a second', async () => {
      const [one, other] = await openTabs(2, [withoutLocks])
      await lease(one, 'one')
      await other.evaluate(() => {
        now -= 1000
      })
      expect(await lease(other, 'other', 10)).toBeUndefined()
      await other.evaluate(() => {
        now -= 1
      })
      expect(await lease(other, 'other', 10)).toBe(2)
    })

    it('that is given back while it is renewed is renewed', async () => {
      const [one, other] = await openTabs(2)
      await lease(one, 'one')
      const renewed = one.evaluate(() =>
        Promise.all([store.release('key', 'one', 1), store.lease('key', 'one', 60_000)]),
      )
      expect(await renewed).toEqual([undefined, 2])
      expect(await isLocked(one)).toBe(true)
      expect(await leaseWithoutLock(other, 'other')).toBeUndefined()
    })

    it('that cannot be renewed keeps its lock for the rest of its time', async () => {
      const [one, other] = await openTabs(2)
      await lease(one, 'one')
      const refusal = one.evaluate(() => {
        const { transaction } = IDBDatabase.prototype
        IDBDatabase.prototype.transaction = () => {
          IDBDatabase.prototype.transaction = transaction
          throw new DOMException('', 'UnknownError')
        }
        return store.lease('key', 'one', 60_000).catch((error) => `${error}`)
      })
      expect(await refusal).toMatch(/UnknownError/)
      expect(await isLocked(one)).toBe(true)
      expect(await leaseWithoutLock(other, 'other')).toBeUndefined()
      await release(one, 'one', 1)
      expect(await lease(other, 'other')).toBe(2)
    })

    it('whose row cannot be given back is over all the same', async () => {
      const [one, other] = await openTabs(2)
      await lease(one, 'one')
      const refusal = one.evaluate(() => {
        IDBDatabase.prototype.transaction = () => {
          throw new DOMException('', 'UnknownError')
        }
        return store.release('key', 'one', 1).catch((error) => `${error}`)
      })
      expect(await refusal).toMatch(/UnknownError/)
      expect(await lease(other, 'other')).toBe(2)
    })

    it('of a store that is closed is over at once', async () => {
      const [one, other] = await openTabs(2)
      await lease(one, 'one')
      await one.evaluate(() => store.lease('another key', 'one', 60_000))
      await one.evaluate(() => store.close())
      expect(await isLocked(one)).toBe(false)
      expect(await lease(other, 'other')).toBe(2)
    })

    it('that is over leaves no timer behind', async () => {
      const [one] = await openTabs(1)
      const timers = one.evaluate(async () => {
        const live = new Set<unknown>()
        const { setTimeout, clearTimeout } = window
        Object.assign(window, {
          setTimeout(...given: Parameters<typeof setTimeout>) {
            const timer = setTimeout.apply(window, given)
            live.add(timer)
            return timer
          },
          clearTimeout(timer: number) {
            live.delete(timer)
            clearTimeout.call(window, timer)
          },
        })
        const fence = await store.lease('key', 'one', 60_000)
        const during = live.size
        await store.release('key', 'one', fence ?? 0)
        return [during, live.size]
      })
      expect(await timers).toEqual([1, 0])
    })
  })

  // Not beside others: the process to stop is the one that works.
  it('of a tab that is frozen stops others for no longer than its time', async () => {
    const [frozen, other, third] = await openTabs(3)
    await lease(frozen, 'frozen')
    // From a frozen tab no answer comes that it has let time go by.
    await other.clock.resume()
    const goOn = await freezePage(frozen)
    onTestFinished(goOn)
    expect(await lease(other, 'other')).toBeUndefined()
    await other.evaluate(() => {
      now += 60_000
    })
    // It still holds the lock.
    expect(await isLocked(other)).toBe(true)
    expect(await lease(other, 'other')).toBe(2)

    goOn()
    await release(frozen, 'frozen', 1)
    expect(await isLocked(other)).toBe(false)
    await third.evaluate(() => {
      now += 60_000
    })
    // The lock is free, but who has the lease took it without one and lives.
    expect(await lease(third, 'third')).toBeUndefined()
    expect(await isLocked(other)).toBe(false)
    await release(other, 'other', 2)
    expect(await lease(third, 'third')).toBe(3)
  })
})
