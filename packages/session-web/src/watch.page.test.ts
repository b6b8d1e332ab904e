import { browserIsMissing } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  listenerSpy,
  startTabs,
  type Tab,
  type Tabs,
  withoutIndexedDB,
  withoutLocalStorage,
} from './tabs.test-helper.ts'

declare global {
  /** The messages that the tab posted, and the number of its open channels. */
  var posted: unknown[]
  var channels: number
  /** The number of calls of the watcher in the tab. */
  var calls: number
  var unwatch: (() => void) | undefined
}

const spy = `posted = []; channels = 0
  const { postMessage, close } = BroadcastChannel.prototype
  BroadcastChannel = class extends BroadcastChannel {
    constructor(name) { super(name); channels++ }
    postMessage(message) { posted.push(message); postMessage.call(this, message) }
    close() { channels--; close.call(this) }
  }`

describe.skipIf(browserIsMissing).concurrent(`watching ${browserIsMissing || ''}`, () => {
  let tabs: Tabs
  beforeAll(async () => {
    tabs = await startTabs()
  })
  afterAll(() => tabs?.close())

  async function openTabs(scripts: readonly string[] = [spy]): Promise<[Tab, Tab]> {
    const context = await tabs.context()
    return [await tabs.open(context, scripts, '/one'), await tabs.open(context, scripts, '/other')]
  }
  const watch = (tab: Tab, key: string) =>
    tab.evaluate((key) => {
      calls = 0
      unwatch = store.watch?.(key, () => calls++)
    }, key)
  const isCalled = (tab: Tab, times: number) => tab.waitForFunction((times) => calls === times, times)
  const write = (tab: Tab, key: string, rev: number) =>
    tab.evaluate(([key, rev]) => store.compareAndSet(key, { epoch: 0, data: 'a secret token' }, rev), [
      key,
      rev,
    ] as const)

  it('reports changes by other tabs and by this tab, and posts only the key', async () => {
    const [one, other] = await openTabs()
    await watch(one, 'key')
    await watch(other, 'key')
    await write(other, 'another key', 0)
    await write(other, 'key', 0)
    await isCalled(one, 1)
    await isCalled(other, 1)
    await write(one, 'key', 1)
    await isCalled(one, 2)
    await isCalled(other, 2)
    expect(await one.evaluate(() => posted)).toEqual(['key'])
    expect(await other.evaluate(() => posted)).toEqual(['another key', 'key'])
  })

  it('reports no rejected write, and nothing after it ended', async () => {
    const [one, other] = await openTabs()
    await watch(one, 'key')
    await write(other, 'key', 5)
    await write(other, 'key', 0)
    await isCalled(one, 1)
    await one.evaluate(() => unwatch?.())
    await watch(other, 'key')
    await write(one, 'key', 1)
    await isCalled(other, 1)
    expect(await one.evaluate(() => calls)).toBe(1)
  })

  it('continues if another watcher throws', async () => {
    const [one, other] = await openTabs()
    await one.evaluate(() => {
      store.watch?.('key', () => {
        throw new Error('error of the watcher')
      })
    })
    await watch(one, 'key')
    await write(other, 'key', 0)
    await isCalled(one, 1)
  })

  it('keeps a channel open only while there are watchers', async () => {
    const [one] = await openTabs()
    const channels = () => one.evaluate(() => globalThis.channels)
    await write(one, 'key', 0)
    expect(await channels()).toBe(0)
    await watch(one, 'key')
    await one.evaluate(() => {
      const unwatchers = [store.watch?.('key', () => undefined), store.watch?.('another', () => undefined)]
      for (const unwatch of [...unwatchers, ...unwatchers]) unwatch?.()
    })
    await write(one, 'key', 1)
    expect(await channels()).toBe(1)
    await isCalled(one, 1)
    await one.evaluate(() => unwatch?.())
    expect(await channels()).toBe(0)
    await watch(one, 'key')
    expect(await channels()).toBe(1)
    await one.evaluate(() => store.close())
    expect(await channels()).toBe(0)
  })

  it('reports a change before it is confirmed, because the tab may be closed then', async () => {
    const [one, other] = await openTabs()
    await watch(one, 'key')
    const unconfirmed = other.evaluate(async () => {
      await store.read('key')
      // The tab never hears that the transaction has finished.
      Object.defineProperty(IDBTransaction.prototype, 'oncomplete', { set() {} })
      store.compareAndSet('key', { epoch: 0, data: '' }, 0)
    })
    await unconfirmed
    await isCalled(one, 1)
    expect(await one.evaluate(() => store.read('key'))).toMatchObject({ rev: 1 })
  })

  it('reports all keys when the page returns from the back/forward cache or is resumed', async () => {
    const [one] = await openTabs([listenerSpy])
    await watch(one, 'key')
    await one.evaluate(() => store.watch?.('another', () => calls++))
    const returnBy = (script: string) => one.evaluate(script)
    // The first one is the page load.
    await returnBy("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }))")
    expect(await one.evaluate(() => calls)).toBe(0)
    await returnBy("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    await isCalled(one, 2)
    await returnBy("document.dispatchEvent(new Event('resume'))")
    await isCalled(one, 4)
  })

  it('listens to the page only while there are watchers', async () => {
    const [one] = await openTabs([listenerSpy])
    const listeners = () => one.evaluate(() => [listenersOf('pageshow'), listenersOf('resume')])
    expect(await listeners()).toEqual([0, 0])
    await watch(one, 'key')
    expect(await listeners()).toEqual([1, 1])
    await one.evaluate(() => unwatch?.())
    expect(await listeners()).toEqual([0, 0])
    await watch(one, 'key')
    await one.evaluate(() => store.close())
    expect(await listeners()).toEqual([0, 0])
  })

  it('is complete while there are watchers', async () => {
    const [one] = await openTabs()
    const isWatching = () => one.evaluate(() => store.isWatching?.('key'))
    expect(await isWatching()).toBe(false)
    await watch(one, 'key')
    expect(await isWatching()).toBe(true)
    await one.evaluate(() => unwatch?.())
    expect(await isWatching()).toBe(false)
    await watch(one, 'key')
    await one.evaluate(() => store.close())
    expect(await isWatching()).toBe(false)
  })

  it.each([
    ['there is no BroadcastChannel', ['delete globalThis.BroadcastChannel'], false],
    [
      'the browser denies the channel',
      ['BroadcastChannel = class { constructor() { throw new Error() } }'],
      false,
    ],
    ['the browser denies all storage', [withoutIndexedDB, withoutLocalStorage], true],
  ])('is complete only if the records are not shared, if %s', async (_case, scripts, expected) => {
    const [one] = await openTabs(scripts)
    await watch(one, 'key')
    await write(one, 'key', 0)
    await isCalled(one, 1)
    expect(await one.evaluate(() => store.isWatching?.('key'))).toBe(expected)
  })

  it('is never complete in a worker, which does not know when its page was frozen', async () => {
    const [one] = await openTabs()
    const isWatching = one.evaluate(() => {
      const code = `importScripts('${location.origin}/script.js')
        store.watch('key', () => undefined)
        postMessage(store.isWatching('key'))`
      const worker = new Worker(URL.createObjectURL(new Blob([code])))
      return new Promise((resolve) => {
        worker.onmessage = ({ data }) => resolve(data)
      })
    })
    expect(await isWatching).toBe(false)
  })
})
