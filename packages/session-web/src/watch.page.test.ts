import { browserIsMissing } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTabs, type Tab, type Tabs } from './tabs.test-helper.ts'

declare global {
  /** What the tab posted, and how many channels it has open. */
  var posted: unknown[]
  var channels: number
  /** How often the watcher of the tab was called. */
  var told: number
  var end: (() => void) | undefined
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
      told = 0
      end = store.watch?.(key, () => told++)
    }, key)
  const isTold = (tab: Tab, times: number) => tab.waitForFunction((times) => told === times, times)
  const write = (tab: Tab, key: string, rev: number) =>
    tab.evaluate(([key, rev]) => store.cas(key, { epoch: 0, data: 'a secret token' }, rev), [
      key,
      rev,
    ] as const)

  it('tells of changes by other tabs and by this one, with the key and nothing else', async () => {
    const [one, other] = await openTabs()
    await watch(one, 'key')
    await watch(other, 'key')
    await write(other, 'another key', 0)
    await write(other, 'key', 0)
    await isTold(one, 1)
    await isTold(other, 1)
    await write(one, 'key', 1)
    await isTold(one, 2)
    await isTold(other, 2)
    expect(await one.evaluate(() => posted)).toEqual(['key'])
    expect(await other.evaluate(() => posted)).toEqual(['another key', 'key'])
  })

  it('is told of no write that was refused, and of none once it has ended', async () => {
    const [one, other] = await openTabs()
    await watch(one, 'key')
    await write(other, 'key', 5)
    await write(other, 'key', 0)
    await isTold(one, 1)
    await one.evaluate(() => end?.())
    await watch(other, 'key')
    await write(one, 'key', 1)
    await isTold(other, 1)
    expect(await one.evaluate(() => told)).toBe(1)
  })

  it('goes on where another watcher throws', async () => {
    const [one, other] = await openTabs()
    await one.evaluate(() => {
      store.watch?.('key', () => {
        throw new Error('mine')
      })
    })
    await watch(one, 'key')
    await write(other, 'key', 0)
    await isTold(one, 1)
  })

  it('has a channel open for as long as somebody watches', async () => {
    const [one] = await openTabs()
    const channels = () => one.evaluate(() => globalThis.channels)
    await write(one, 'key', 0)
    expect(await channels()).toBe(0)
    await watch(one, 'key')
    await one.evaluate(() => {
      const ends = [store.watch?.('key', () => undefined), store.watch?.('another', () => undefined)]
      for (const end of [...ends, ...ends]) end?.()
    })
    await write(one, 'key', 1)
    expect(await channels()).toBe(1)
    await isTold(one, 1)
    await one.evaluate(() => end?.())
    expect(await channels()).toBe(0)
    await watch(one, 'key')
    expect(await channels()).toBe(1)
    await one.evaluate(() => store.close())
    expect(await channels()).toBe(0)
  })

  it('is missing where there are no channels, and nothing else', async () => {
    const [one, other] = await openTabs(['delete globalThis.BroadcastChannel'])
    expect(await one.evaluate(() => 'watch' in store)).toBe(false)
    await write(one, 'key', 0)
    expect(await other.evaluate(() => store.read('key'))).toMatchObject({ rev: 1 })
  })
})
