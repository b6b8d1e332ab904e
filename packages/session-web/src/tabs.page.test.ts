import { browserIsMissing } from 'browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Context,
  startTabs,
  type Tab,
  type Tabs,
  withoutIndexedDB,
  withoutLocks,
} from './tabs.test-helper.ts'

const minute = 60_000

describe.skipIf(browserIsMissing).concurrent(`tabs of one origin ${browserIsMissing || ''}`, () => {
  let tabs: Tabs
  beforeAll(async () => {
    tabs = await startTabs()
  })
  afterAll(() => tabs?.close())

  async function openTabs(count: number, scripts: readonly string[] = []): Promise<[Tab, Tab, Tab]> {
    const context = await tabs.context()
    const opened = await Promise.all(Array.from({ length: count }, () => tabs.open(context, scripts)))
    // Their clocks stand still: no time of a lease is over by itself.
    const stopClock = () => {
      now = 1_000_000
      store = exported.webStore({ clock: () => now })
    }
    await Promise.all(opened.map((tab) => tab.evaluate(stopClock)))
    return opened as [Tab, Tab, Tab]
  }

  const lease = (tab: Tab, owner: string, ttl: number = minute) =>
    tab.evaluate(([owner, ttl]) => store.lease('key', owner, ttl), [owner, ttl] as const)
  const release = (tab: Tab, owner: string, fence: number | undefined) =>
    tab.evaluate(([owner, fence]) => store.release('key', owner, fence ?? 0), [owner, fence] as const)
  const isLocked = (tab: Tab) => tab.evaluate(async () => (await navigator.locks.query()).held?.length !== 0)

  describe.each([
    ['IndexedDB', []],
    ['IndexedDB, without Web Locks', [withoutLocks]],
    ['localStorage', [withoutIndexedDB]],
  ])('with %s', (_place, scripts) => {
    it('lose no write of another one', async () => {
      const writers = await openTabs(3, scripts)
      const rounds = 4
      const write = (tab: Tab, rounds: number) =>
        tab.evaluate(async (rounds) => {
          for (let written = 0; written < rounds; ) {
            const { rev = 0, data = '' } = (await store.read('key')) ?? {}
            if (await store.cas('key', { epoch: 1, data: `${data}.` }, rev)) written++
          }
        }, rounds)
      await Promise.all(writers.map((tab) => write(tab, rounds)))
      for (const tab of writers) {
        const total = 3 * rounds
        expect(await tab.evaluate(() => store.read('key'))).toEqual({
          epoch: 1,
          data: '.'.repeat(total),
          rev: total,
        })
      }
    })

    it('lend a key to one of them', async () => {
      const askers = await openTabs(3, scripts)
      const fences = await Promise.all(askers.map((tab, number) => lease(tab, `${number}`)))
      expect(fences.filter((fence) => fence !== undefined)).toEqual([1])
      const winner = fences.indexOf(1)
      await release(askers[winner] as Tab, `${winner}`, 1)
      expect(await lease(askers[(winner + 1) % 3] as Tab, 'next')).toBe(2)
    })
  })

  describe('a lease', () => {
    it('is waited for, and given as soon as it is released', async () => {
      const [one, other] = await openTabs(2)
      const fence = await lease(one, 'one')
      const asked = lease(other, 'other')
      await other.waitForFunction(async () => (await navigator.locks.query()).pending?.length === 1)
      await release(one, 'one', fence)
      expect(await asked).toBe(2)
    })

    it('of a tab that is closed is over at once', async () => {
      const [one, other, third] = await openTabs(3)
      await lease(one, 'one')
      expect(await lease(other, 'other')).toBeUndefined()
      await one.close()
      expect(await lease(other, 'other')).toBe(2)
      expect(await lease(third, 'third')).toBeUndefined()
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

    it('of a tab that is frozen stops others for no longer than its time', async () => {
      const [frozen, other, third] = await openTabs(3)
      await lease(frozen, 'frozen')
      const devtools = await frozen.context().newCDPSession(frozen)
      await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
      expect(await lease(other, 'other')).toBeUndefined()
      await other.evaluate(() => {
        now += 60_000
      })
      // It still holds the lock.
      expect(await isLocked(other)).toBe(true)
      expect(await lease(other, 'other')).toBe(2)

      await devtools.send('Page.setWebLifecycleState', { state: 'active' })
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

    it('is asked for anew by its owner, which has lost it meanwhile: the lock goes with it', async () => {
      const [one, other] = await openTabs(2)
      await lease(one, 'one')
      await other.evaluate(() => {
        now += 60_000
      })
      expect(await lease(other, 'other')).toBe(2)
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
      await other.waitForFunction(async () => (await navigator.locks.query()).held?.length === 0)
      expect(await lease(other, 'other')).toBe(2)
    })

    it('has its lock for as long as it was renewed for', async () => {
      const [one, other] = await openTabs(2)
      await one.evaluate(async () => {
        await Promise.all([store.lease('key', 'one', 50), store.lease('key', 'one', 50)])
        await Promise.all([store.lease('key', 'one', 50), store.lease('key', 'one', 2 ** 40)])
        await store.release('key', 'one', 1)
      })
      // Longer than the 50 ms.
      expect(await lease(other, 'other')).toBeUndefined()
      expect(await isLocked(other)).toBe(true)
    })

    it('is not taken from an owner who asks for it by another store of its page', async () => {
      const [one, other] = await openTabs(2)
      await lease(one, 'one')
      const second = await one.evaluate(() =>
        exported.webStore({ clock: () => now }).lease('key', 'one', 60_000),
      )
      expect(second).toBe(2)
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
  })

  it('of another browser context, or with stores of another name, share nothing', async () => {
    const [one] = await openTabs(1)
    const [elsewhere] = await openTabs(1)
    await one.evaluate(() => store.cas('key', { epoch: 0, data: 'one' }, 0))
    expect(await elsewhere.evaluate(() => store.read('key'))).toBeUndefined()
    const others = await one.evaluate(async () => {
      const other = exported.webStore({ name: 'others' })
      await store.lease('key', 'one', 60_000)
      return [await other.read('key'), await other.lease('key', 'other', 60_000)]
    })
    expect(others).toEqual([undefined, 1])
  })

  it('share with their workers', async () => {
    const [tab] = await openTabs(1)
    const read = await tab.evaluate(async () => {
      await store.cas('key', { epoch: 1, data: 'of the page' }, 0)
      const code = `importScripts('${location.origin}/script.js')
        store.cas('key', { epoch: 1, data: 'of the worker' }, 1).then(postMessage)`
      const worker = new Worker(URL.createObjectURL(new Blob([code])))
      const told = new Promise<void>((resolve) => store.watch?.('key', resolve))
      await new Promise((resolve) => {
        worker.onmessage = resolve
      })
      await told
      return store.read('key')
    })
    expect(read).toEqual({ epoch: 1, data: 'of the worker', rev: 2 })
  })

  it('keep what was stored when all of them are closed', async () => {
    const context: Context = await tabs.context()
    const tab = await tabs.open(context)
    await tab.evaluate(() => store.cas('key', { epoch: 3, data: 'kept' }, 0))
    await tab.close()
    const next = await tabs.open(context)
    expect(await next.evaluate(() => store.read('key'))).toEqual({ epoch: 3, data: 'kept', rev: 1 })
  })
})
