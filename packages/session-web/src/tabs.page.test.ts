import { browserIsMissing } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Context,
  delayReads,
  lateReads,
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
  ])('with %s', (_backend, scripts) => {
    it('lose no write of another tab', async () => {
      const writers = await openTabs(3, scripts)
      const rounds = 4
      const write = (tab: Tab, rounds: number) =>
        tab.evaluate(async (rounds) => {
          for (let written = 0; written < rounds; ) {
            const { rev = 0, data = '' } = (await store.read('key')) ?? {}
            if (await store.compareAndSet('key', { epoch: 1, data: `${data}.` }, rev)) written++
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

    it('do not overwrite a write that they do not see yet', async () => {
      const [one, late] = await openTabs(2, [...scripts, lateReads])
      await one.evaluate(() => store.compareAndSet('key', { epoch: 1, data: 'a' }, 0))
      await late.evaluate(() => store.read('key'))
      await delayReads(late)
      expect(await one.evaluate(() => store.compareAndSet('key', { epoch: 1, data: 'b' }, 1))).toBe(true)
      const writing = late.evaluate(() => store.compareAndSet('key', { epoch: 1, data: 'c' }, 1))
      expect(await writing).toBe(false)
      expect(await late.evaluate(() => store.read('key'))).toEqual({ epoch: 1, data: 'b', rev: 2 })
    })

    it('grant a lease to one of them', async () => {
      const opened = await openTabs(3, scripts)
      const fences = await Promise.all(opened.map((tab, number) => lease(tab, `${number}`)))
      expect(fences.filter((fence) => fence !== undefined)).toEqual([1])
      const winner = fences.indexOf(1)
      await release(opened[winner] as Tab, `${winner}`, 1)
      expect(await lease(opened[(winner + 1) % 3] as Tab, 'next')).toBe(2)
    })
  })

  it('share nothing with another browser context or a store with another name', async () => {
    const [one] = await openTabs(1)
    const [elsewhere] = await openTabs(1)
    await one.evaluate(() => store.compareAndSet('key', { epoch: 0, data: 'one' }, 0))
    expect(await elsewhere.evaluate(() => store.read('key'))).toBeUndefined()
    const others = await one.evaluate(async () => {
      const other = exported.webStore({ name: 'others' })
      await store.lease('key', 'one', 60_000)
      return [await other.read('key'), (await other.lease('key', 'other', 60_000))?.fence]
    })
    expect(others).toEqual([undefined, 1])
  })

  it('share with their workers', async () => {
    const [tab] = await openTabs(1)
    const read = await tab.evaluate(async () => {
      await store.compareAndSet('key', { epoch: 1, data: 'of the page' }, 0)
      const code = `importScripts('${location.origin}/script.js')
        store.compareAndSet('key', { epoch: 1, data: 'of the worker' }, 1).then(postMessage)`
      const worker = new Worker(URL.createObjectURL(new Blob([code])))
      const notified = new Promise<void>((resolve) => store.watch?.('key', resolve))
      await new Promise((resolve) => {
        worker.onmessage = resolve
      })
      await notified
      return store.read('key')
    })
    expect(read).toEqual({ epoch: 1, data: 'of the worker', rev: 2 })
  })

  it('find their records again after all of them were closed', async () => {
    const context: Context = await tabs.context()
    const tab = await tabs.open(context)
    await tab.evaluate(() => store.compareAndSet('key', { epoch: 3, data: 'kept' }, 0))
    await tab.close()
    const next = await tabs.open(context)
    expect(await next.evaluate(() => store.read('key'))).toEqual({ epoch: 3, data: 'kept', rev: 1 })
  })
})
