import { browserIsMissing, freezePage, leftOut } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  lease,
  openWithStoppedClock,
  release,
  startTabs,
  stopClock,
  type Tab,
  type Tabs,
  withoutIndexedDB,
  withoutLocks,
} from './tabs.test-helper.ts'

let tabs: Tabs

/** Opens tabs of one context. The time in them advances only when a test advances it. */
async function openTabs(count: number, scripts?: readonly string[]): Promise<[Tab, Tab, Tab]> {
  const opened = await openWithStoppedClock(tabs, count, scripts)
  await stopClock(opened[0])
  return opened
}

/** Returns whether a page holds the lock of a lease. */
const isLocked = (tab: Tab) =>
  tab.evaluate(async () => {
    const { held = [] } = await navigator.locks.query()
    return held.some(({ name }) => name?.includes('"lease"'))
  })
const isWaiting = (tab: Tab) =>
  tab.waitForFunction(async () => (await navigator.locks.query()).pending?.length === 1)

/** Requests a lease while another owner holds the lock, and advances the time by the second that `lease` waits for it. */
async function leaseWithoutLock(tab: Tab, owner: string): Promise<number | undefined> {
  const leasing = lease(tab, owner)
  await isWaiting(tab)
  await tab.clock.runFor(1000)
  return leasing
}

describe.skipIf(browserIsMissing)(`a lease ${browserIsMissing || ''}`, () => {
  beforeAll(async () => {
    tabs = await startTabs()
  })
  afterAll(() => tabs?.close())

  describe.concurrent('in a tab', () => {
    it('is granted to a waiting tab when its owner releases it', async () => {
      const [one, other] = await openTabs(2)
      const fence = await lease(one, 'one')
      const leasing = lease(other, 'other')
      await isWaiting(other)
      await release(one, 'one', fence)
      expect(await leasing).toBe(2)
    })

    it.each([[[]], [[withoutIndexedDB]]])(
      'is granted to a waiting tab when the write of its owner releases it: %j',
      async (scripts) => {
        const [one, other] = await openTabs(2, scripts)
        const fence = (await lease(one, 'one')) ?? 0
        const leasing = other.evaluate(() => store.lease('key', 'other', 60_000))
        await isWaiting(other)
        const commit = (rev: number) =>
          one.evaluate(
            ([fence, rev]) =>
              store.compareAndSet('key', { epoch: 0, data: 'new' }, rev, { owner: 'one', fence }),
            [fence, rev] as const,
          )
        expect(await commit(1)).toBe(false)
        expect(await isLocked(one)).toBe(true)
        expect(await commit(0)).toBe(true)
        expect(await leasing).toEqual({ fence: 2, record: { epoch: 0, data: 'new', rev: 1 } })
      },
    )

    it('ends immediately when its tab is closed', async () => {
      const [one, other, third] = await openTabs(3)
      await lease(one, 'one')
      expect(await leaseWithoutLock(other, 'other')).toBeUndefined()
      await one.close()
      expect(await lease(other, 'other')).toBe(2)
      expect(await leaseWithoutLock(third, 'third')).toBeUndefined()
    })

    it('ends immediately when its tab is reloaded', async () => {
      const [one, other] = await openTabs(2)
      await lease(one, 'one')
      await one.reload()
      expect(await lease(other, 'other')).toBe(2)
    })

    it('of a closed tab lasts until it expires if there are no Web Locks', async () => {
      const [one, other] = await openTabs(2, [withoutLocks])
      await lease(one, 'one')
      await one.close()
      expect(await lease(other, 'other')).toBeUndefined()
      await other.evaluate(() => {
        now += 60_000
      })
      expect(await lease(other, 'other')).toBe(2)
    })

    it('releases its lock when its owner requests it again after another owner took it', async () => {
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

    it('holds its lock until it expires', async () => {
      const [one, other] = await openTabs(2)
      await lease(one, 'one', 50)
      await one.clock.runFor(49)
      expect(await isLocked(other)).toBe(true)
      await one.clock.runFor(1)
      expect(await isLocked(other)).toBe(false)
      expect(await lease(other, 'other')).toBe(2)
    })

    it('holds its lock for the longest time for which it was renewed', async () => {
      const [one, other] = await openTabs(2)
      await lease(one, 'one', 50)
      await one.evaluate(async () => {
        await Promise.all([store.lease('key', 'one', 50), store.lease('key', 'one', 2 ** 40)])
        await store.release('key', 'one', 1)
      })
      // This call advances the time by more than 50 ms.
      expect(await leaseWithoutLock(other, 'other')).toBeUndefined()
      expect(await isLocked(other)).toBe(true)
    })

    it('is granted twice to an owner with two concurrent calls, with one lock', async () => {
      const [one, other] = await openTabs(2)
      const fences = one.evaluate(() =>
        Promise.all([store.lease('key', 'one', 60_000), store.lease('key', 'one', 60_000)]),
      )
      expect(await fences).toMatchObject([{ fence: 1 }, { fence: 2 }])
      expect(await isLocked(other)).toBe(true)
      await release(one, 'one', 2)
      expect(await lease(other, 'other')).toBe(3)
    })

    it('stays with an owner that requests it through another store of its page', async () => {
      const [one, other] = await openTabs(2)
      await lease(one, 'one')
      const second = one.evaluate(() => exported.webStore({ clock: () => now }).lease('key', 'one', 60_000))
      await isWaiting(one)
      await one.clock.runFor(1000)
      expect(await second).toMatchObject({ fence: 2 })
      await release(one, 'one', 1)
      expect(await lease(other, 'other')).toBeUndefined()
    })

    it('leaves no lock and hides the error of the clock if the clock throws', async () => {
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
      expect(message).toBe('Error: web storage "pds-sessions": Error: the storage failed: retry')
      expect(await isLocked(one)).toBe(false)
    })

    it('expires when the clock is set back by more than a second', async () => {
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

    it('stays renewed if it is released during its renewal', async () => {
      const [one, other] = await openTabs(2)
      await lease(one, 'one')
      const renewed = one.evaluate(() =>
        Promise.all([store.release('key', 'one', 1), store.lease('key', 'one', 60_000)]),
      )
      expect(await renewed).toMatchObject([undefined, { fence: 2 }])
      expect(await isLocked(one)).toBe(true)
      expect(await leaseWithoutLock(other, 'other')).toBeUndefined()
    })

    it('keeps its lock until it expires if it cannot be renewed', async () => {
      const [one, other] = await openTabs(2)
      await lease(one, 'one')
      const failure = one.evaluate(() => {
        const { transaction } = IDBDatabase.prototype
        IDBDatabase.prototype.transaction = () => {
          IDBDatabase.prototype.transaction = transaction
          throw new DOMException('', 'QuotaExceededError')
        }
        return store.lease('key', 'one', 60_000).catch((error) => `${error}`)
      })
      expect(await failure).toMatch(/QuotaExceededError/)
      expect(await isLocked(one)).toBe(true)
      expect(await leaseWithoutLock(other, 'other')).toBeUndefined()
      await release(one, 'one', 1)
      expect(await lease(other, 'other')).toBe(2)
    })

    it('ends at a release even if its row cannot be written', async () => {
      const [one, other] = await openTabs(2)
      await lease(one, 'one')
      const failure = one.evaluate(() => {
        IDBDatabase.prototype.transaction = () => {
          throw new DOMException('', 'UnknownError')
        }
        return store.release('key', 'one', 1).catch((error) => `${error}`)
      })
      expect(await failure).toMatch(/UnknownError/)
      expect(await lease(other, 'other')).toBe(2)
    })

    it('ends immediately when its store is closed', async () => {
      const [one, other] = await openTabs(2)
      await lease(one, 'one')
      await one.evaluate(() => store.lease('another key', 'one', 60_000))
      await one.evaluate(() => store.close())
      expect(await isLocked(one)).toBe(false)
      expect(await lease(other, 'other')).toBe(2)
    })

    it('leaves no timer after its release', async () => {
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
        const { fence = 0 } = (await store.lease('key', 'one', 60_000)) ?? {}
        const during = live.size
        await store.release('key', 'one', fence)
        return [during, live.size]
      })
      expect(await timers).toEqual([1, 0])
    })
  })

  // This test does not run concurrently, because it suspends the process of the tab.
  const cannotSuspend = leftOut('a suspended tab')
  it.skipIf(cannotSuspend)(
    `of a suspended tab blocks others only until it expires ${cannotSuspend || ''}`,
    async () => {
      const [frozen, other, third] = await openTabs(3)
      await lease(frozen, 'frozen')
      // A suspended tab cannot confirm that its clock was advanced, so let the clock run.
      await other.clock.resume()
      const resume = await freezePage(frozen)
      onTestFinished(resume)
      expect(await lease(other, 'other')).toBeUndefined()
      await other.evaluate(() => {
        now += 60_000
      })
      // The suspended tab still holds the lock.
      expect(await isLocked(other)).toBe(true)
      expect(await lease(other, 'other')).toBe(2)

      resume()
      await release(frozen, 'frozen', 1)
      expect(await isLocked(other)).toBe(false)
      await third.evaluate(() => {
        now += 60_000
      })
      // The lock is free, but the owner took its lease without the lock and is still open.
      expect(await lease(third, 'third')).toBeUndefined()
      expect(await isLocked(other)).toBe(false)
      await release(other, 'other', 2)
      expect(await lease(third, 'third')).toBe(3)
    },
  )
})
