import { browserIsMissing } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Context,
  lease,
  openWithStoppedClock,
  release,
  startTabs,
  type Tab,
  type Tabs,
  withoutIndexedDB,
  withoutLocks,
} from './tabs.test-helper.ts'

describe.skipIf(browserIsMissing).concurrent(`tabs of one origin ${browserIsMissing || ''}`, () => {
  let tabs: Tabs
  beforeAll(async () => {
    tabs = await startTabs()
  })
  afterAll(() => tabs?.close())

  const openTabs = (count: number, scripts?: readonly string[]) => openWithStoppedClock(tabs, count, scripts)

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

    it('write over nothing that has not come yet', async () => {
      const [one, late] = await openTabs(2, scripts)
      await one.evaluate(() => store.cas('key', { epoch: 1, data: 'a' }, 0))
      // As on a machine that is busy.
      await late.evaluate(async () => {
        await store.read('key')
        const { getItem } = Storage.prototype
        const seen = Object.entries(localStorage)
        looks = 0
        Storage.prototype.getItem = function (name) {
          looks++
          return isLate ? (seen.find(([item]) => item === name)?.[1] ?? null) : getItem.call(this, name)
        }
        isLate = true
      })
      expect(await one.evaluate(() => store.cas('key', { epoch: 1, data: 'b' }, 1))).toBe(true)
      const writing = late.evaluate(() => store.cas('key', { epoch: 1, data: 'c' }, 1))
      const hasLooked = late.waitForFunction('looks > 2').catch(() => undefined)
      await Promise.race([writing, hasLooked])
      await late.evaluate(() => {
        isLate = false
      })
      expect(await writing).toBe(false)
      expect(await late.evaluate(() => store.read('key'))).toEqual({ epoch: 1, data: 'b', rev: 2 })
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
