import { browserIsMissing } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  revOf,
  startTabs,
  stopClock,
  type Tab,
  type Tabs,
  withoutIndexedDB,
  write,
} from './tabs.test-helper.ts'

declare global {
  /** What a call that is under way rejects with, as a text. */
  var failure: Promise<string>
}

describe.skipIf(browserIsMissing).concurrent(`storage that does not answer ${browserIsMissing || ''}`, () => {
  let tabs: Tabs
  beforeAll(async () => {
    tabs = await startTabs()
  })
  afterAll(() => tabs?.close())

  const open = async (scripts: readonly string[] = []) => tabs.open(await tabs.context(), scripts)

  const timeout =
    'Error: web storage "pds-sessions": TimeoutError: no answer, as where another tab holds on to it: try again'
  /** Starts a write, and lets the time go by that it waits. */
  const waitInVain = async (tab: Tab, rev: number) => {
    await stopClock(tab)
    await tab.evaluate((rev) => {
      failure = store.cas('key', { epoch: 0, data: 'late' }, rev).then(String, String)
    }, rev)
    await tab.clock.runFor(5000)
    return tab.evaluate(() => failure)
  }

  const openLate = `const { open } = IDBFactory.prototype
    IDBFactory.prototype.open = (...args) => {
      const request = {}
      globalThis.answer = () => new Promise((resolve) => {
        const real = open.apply(indexedDB, args)
        real.onupgradeneeded = () => { request.result = real.result; request.onupgradeneeded() }
        real.onsuccess = () => { request.onsuccess(); resolve() }
      })
      return request
    }`

  it('when it is opened: a call is refused, and does nothing later', async () => {
    const tab = await open([openLate])
    expect(await waitInVain(tab, 0)).toBe(timeout)
    await tab.evaluate('answer()')
    expect(await revOf(tab)).toBeUndefined()
    expect(await write(tab, 0)).toBe(true)
  })

  it('while its timers stood still: a call goes on', async () => {
    const tab = await open([openLate])
    await stopClock(tab)
    await tab.evaluate(() => {
      failure = store.cas('key', { epoch: 0, data: '' }, 0).then(String, String)
    })
    // The timers are that late.
    await tab.clock.fastForward(60_000)
    await tab.evaluate('answer()')
    expect(await tab.evaluate(() => failure)).toBe('true')
  })

  it('of a lock of localStorage: a call is refused', async () => {
    const context = await tabs.context()
    const [tab, other] = [await tabs.open(context, [withoutIndexedDB]), await tabs.open(context)]
    await other.evaluate(
      () =>
        new Promise((resolve) => {
          const hold = () => {
            resolve(undefined)
            return new Promise(() => undefined)
          }
          navigator.locks.request(JSON.stringify(['pds-sessions', 'key']), hold)
        }),
    )
    expect(await waitInVain(tab, 0)).toBe(timeout)
    await other.close()
    expect(await write(tab, 0)).toBe(true)
  })

  it('when another tab writes for long: a call is refused, and does nothing later', async () => {
    const context = await tabs.context()
    const [tab, other] = [await tabs.open(context), await tabs.open(context)]
    await write(tab, 0)
    await other.evaluate(async () => {
      const database = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open('pds-sessions')
        request.onsuccess = () => resolve(request.result)
      })
      const rows = database.transaction('records', 'readwrite').objectStore('records')
      // Until the tab is closed.
      await new Promise((resolve) => {
        const goOn = () => {
          resolve(undefined)
          rows.get('').onsuccess = goOn
        }
        goOn()
      })
    })
    expect(await waitInVain(tab, 1)).toBe(timeout)
    await other.close()
    expect(await revOf(tab)).toBe(1)
  })

  it.each([[[]], [[withoutIndexedDB]]])('when it is closed: a call is refused', async (scripts) => {
    const tab = await open(scripts)
    await write(tab, 0)
    const refusals = await tab.evaluate(() => {
      store.close()
      store.close()
      const calls = [
        () => store.read('key'),
        () => store.cas('key', { epoch: 0, data: '' }, 1),
        () => store.lease('key', 'me', 60_000),
        () => store.release('key', 'me', 1),
        async () => store.watch?.('key', () => undefined),
      ]
      return Promise.all(calls.map((call) => call().catch(({ code, message }) => `${code}: ${message}`)))
    })
    expect(new Set(refusals)).toEqual(new Set(['InvalidParameter: the store is closed']))
  })
})
