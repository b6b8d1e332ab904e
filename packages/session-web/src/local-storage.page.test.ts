import { browserIsMissing } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  delayReads,
  full,
  lateReads,
  lease,
  revOf,
  startTabs,
  type Tab,
  type Tabs,
  withoutIndexedDB,
  write,
} from './tabs.test-helper.ts'

/** The timers of the tab never fire: the slowest hidden tab. The network of the tests does not use them. */
const withoutTimers = 'globalThis.setTimeout = () => 0'

describe.skipIf(browserIsMissing).concurrent(`a store in localStorage ${browserIsMissing || ''}`, () => {
  let tabs: Tabs
  beforeAll(async () => {
    tabs = await startTabs()
  })
  afterAll(() => tabs?.close())

  const open = async (count: number, ...scripts: string[]): Promise<[Tab, Tab, Tab]> => {
    const context = await tabs.context()
    const opened = Array.from({ length: count }, () => tabs.open(context, [withoutIndexedDB, ...scripts]))
    return (await Promise.all(opened)) as [Tab, Tab, Tab]
  }

  it('waits for no timer', async () => {
    const opened = await open(3, withoutTimers)
    const refresh = (tab: Tab, number: number) =>
      tab.evaluate(async (number) => {
        const owner = `${number}`
        for (let refreshes = 0; refreshes < 4; ) {
          const { fence, record } = (await store.lease('key', owner, 60_000)) ?? {}
          if (fence === undefined) continue
          const { rev = 0, data = '' } = record ?? {}
          await store.compareAndSet('key', { epoch: 0, data: `${data}i` }, rev)
          await store.compareAndSet('key', { epoch: 0, data: `${data}.` }, rev + 1, { owner, fence })
          refreshes++
        }
      }, number)
    await Promise.all(opened.map(refresh))
    for (const tab of opened) {
      expect(await tab.evaluate(() => store.read('key'))).toEqual({ epoch: 0, data: '.'.repeat(12), rev: 24 })
    }
  })

  it('frees its lock when the write is confirmed', async () => {
    const [tab] = await open(1, withoutTimers)
    await write(tab, 0)
    const names = await tab.evaluate(async () => {
      const { held = [] } = await navigator.locks.query()
      return held.map(({ name }) => name)
    })
    expect(names).toEqual(['1 ["pds-sessions","write","key"]'])
    await tab.evaluate(() => store.close())
    expect(await tab.evaluate(async () => (await navigator.locks.query()).held)).toEqual([])
  })

  it.each([
    ['is open', async () => undefined],
    ['was closed', (writer: Tab) => writer.close()],
    ['was reloaded', (writer: Tab) => writer.reload()],
    ['closed its store', (writer: Tab) => writer.evaluate(() => store.close())],
  ])('does not overwrite a write that it does not see yet, of a tab that %s', async (_case, leave) => {
    const [late, writer] = await open(2, lateReads)
    await write(late, 0)
    await delayReads(late)
    expect(await write(writer, 1)).toBe(true)
    await leave(writer)
    expect(await write(late, 1)).toBe(false)
    expect(await revOf(late)).toBe(2)
  })

  it.each([
    ['without BroadcastChannel', [lateReads, 'delete globalThis.BroadcastChannel']],
    [
      'if the browser denies the channel',
      [lateReads, 'BroadcastChannel = class { constructor() { throw 0 } }'],
    ],
  ])('does not overwrite a write that it does not see yet, %s', async (_case, scripts) => {
    const [late, writer] = await open(2, ...scripts)
    await write(late, 0)
    await delayReads(late)
    expect(await write(writer, 1)).toBe(true)
    expect(await write(late, 1)).toBe(false)
  })

  it('does not overwrite a write from before its store was created', async () => {
    const [late, writer] = await open(2, lateReads)
    await write(late, 0)
    await late.evaluate(() => store.close())
    await delayReads(late)
    expect(await write(writer, 1)).toBe(true)
    await late.evaluate(() => {
      store = exported.webStore()
    })
    expect(await write(late, 1)).toBe(false)
  })

  it('does not wait for a write that it has seen, after the item was removed or damaged', async () => {
    const [tab, other] = await open(2, lateReads)
    await write(tab, 0)
    await write(other, 1)
    expect(await revOf(tab)).toBe(2)
    for (const change of ['localStorage.clear()', `localStorage.setItem('["pds-sessions","key"]', '{')`]) {
      await tab.evaluate(change)
      await tab.evaluate('reads = 0')
      expect([undefined, -1]).toContain(await revOf(tab))
      expect(await tab.evaluate(() => reads)).toBe(1)
    }
    expect(await write(tab, -1)).toBe(true)
    expect(await write(other, 1)).toBe(true)
    expect(await revOf(tab)).toBe(2)
  })

  it('stops waiting for a write that was removed before it saw it', async () => {
    const [tab, other] = await open(2, lateReads)
    await write(tab, 0)
    await write(other, 1)
    await other.evaluate(() => localStorage.clear())
    expect(await revOf(tab)).toBeUndefined()
    expect(await tab.evaluate(() => reads)).toBeGreaterThan(20)
    expect(await write(tab, 0)).toBe(true)
    expect(await write(other, 1)).toBe(true)
  })

  it('writes existing items with space to grow, but no new items, in a full localStorage', async () => {
    const [tab] = await open(1)
    expect(await write(tab, 0)).toBe(true)
    await tab.evaluate(() => {
      for (let size = 2 ** 20, number = 0; size >= 1; number++) {
        try {
          localStorage.setItem(`filler ${number}`, ' '.repeat(size))
        } catch {
          size /= 2
        }
      }
    })
    // The steps of a refresh.
    expect(await lease(tab, 'me')).toBe(1)
    expect(await write(tab, 1, 5100)).toBe(true)
    expect(await write(tab, 2, 9000)).toBe(true)
    expect(await write(tab, 3, 100)).toBe(true)
    expect(await write(tab, 4, 9000)).toBe(true)
    await tab.evaluate(() => store.release('key', 'me', 1))
    expect(await write(tab, 5, 50_000)).toBe(full)
    expect(await revOf(tab)).toBe(5)
    const added = tab.evaluate(() => store.lease('another', 'me', 60_000).catch((error) => `${error}`))
    expect(await added).toBe(full)
    // There is space for the text, but not for padding to twice its length.
    await tab.evaluate(() => localStorage.removeItem('filler 0'))
    await tab.evaluate(() => localStorage.setItem('filler 0', ' '.repeat(2 ** 20 - 60_000)))
    expect(await write(tab, 5, 50_000)).toBe(true)
  })
})
