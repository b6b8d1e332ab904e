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
  /** The result or error of the call in progress, as text. */
  var outcome: Promise<string>
}

describe.skipIf(browserIsMissing).concurrent(`unresponsive storage ${browserIsMissing || ''}`, () => {
  let tabs: Tabs
  beforeAll(async () => {
    tabs = await startTabs()
  })
  afterAll(() => tabs?.close())

  const open = async (scripts: readonly string[] = []) => tabs.open(await tabs.context(), scripts)

  const timeout =
    'Error: web storage "pds-sessions": TimeoutError: no response, maybe because of another tab: retry'
  /** Starts a write and advances the time until its timeout. Returns its result. */
  const writeUntilTimeout = async (tab: Tab, rev: number) => {
    await stopClock(tab)
    await tab.evaluate((rev) => {
      outcome = store.compareAndSet('key', { epoch: 0, data: 'late' }, rev).then(String, String)
    }, rev)
    await tab.clock.runFor(5000)
    return tab.evaluate(() => outcome)
  }

  /** The first attempt to open the database gets no response before `respond` is called. */
  const openLate = `const { open } = IDBFactory.prototype
    IDBFactory.prototype.open = (...args) => {
      IDBFactory.prototype.open = open
      const request = {}
      globalThis.respond = () => new Promise((resolve) => {
        const real = open.apply(indexedDB, args)
        real.onupgradeneeded = () => { request.result = real.result; request.onupgradeneeded() }
        real.onsuccess = () => { request.result = real.result; request.onsuccess(); resolve() }
      })
      return request
    }`

  it('rejects a call if the database does not open in time, and writes nothing later', async () => {
    const tab = await open([openLate])
    expect(await writeUntilTimeout(tab, 0)).toBe(timeout)
    await tab.evaluate('respond()')
    expect(await revOf(tab)).toBeUndefined()
    expect(await write(tab, 0)).toBe(true)
  })

  it('opens the database again if the first attempt gets no response, and closes a late connection', async () => {
    const tab = await open([openLate])
    expect(await writeUntilTimeout(tab, 0)).toBe(timeout)
    expect(await write(tab, 0)).toBe(true)
    await tab.evaluate('respond()')
    expect(await write(tab, 1)).toBe(true)
    await tab.evaluate(() => store.close())
    const deleted = tab.evaluate(
      () =>
        new Promise((resolve) => {
          const request = indexedDB.deleteDatabase('pds-sessions')
          request.onsuccess = () => resolve('deleted')
          request.onblocked = () => resolve('blocked')
        }),
    )
    expect(await deleted).toBe('deleted')
  })

  it('opens the database again if a transaction does not finish', async () => {
    const tab = await open([
      `const { open } = IDBFactory.prototype
      globalThis.opened = 0
      IDBFactory.prototype.open = function (...args) { opened++; return open.apply(this, args) }
      const { transaction } = IDBDatabase.prototype
      globalThis.hanging = undefined
      IDBDatabase.prototype.transaction = function (...args) {
        if (opened === 1) hanging = this
        if (this !== hanging) return transaction.apply(this, args)
        return { objectStore: () => ({ get: () => ({}) }), abort() {} }
      }`,
    ])
    expect(await writeUntilTimeout(tab, 0)).toBe(timeout)
    expect(await write(tab, 0)).toBe(true)
    expect(await tab.evaluate('opened')).toBe(2)
  })

  it('begins other calls again when a transaction does not finish', async () => {
    const tab = await open([
      `const { transaction } = IDBDatabase.prototype
      let hanging
      globalThis.begun = 0
      IDBDatabase.prototype.transaction = function (...args) {
        begun++
        hanging ??= this
        if (this !== hanging) return transaction.apply(this, args)
        return { objectStore: () => ({ get: () => ({}) }), abort() { this.onabort() }, error: null }
      }`,
    ])
    await stopClock(tab)
    /** Starts a write, and waits for its transaction: the database takes real time to open. */
    const startWrite = async (number: number) => {
      await tab.evaluate(() => {
        outcome = store.compareAndSet('key', { epoch: 0, data: '' }, 0).then(String, String)
      })
      await expect.poll(() => tab.evaluate('begun')).toBe(number)
    }
    await startWrite(1)
    await tab.clock.runFor(3000)
    await startWrite(2)
    await tab.clock.runFor(2000)
    expect(await tab.evaluate(() => outcome)).toBe('true')
  })

  it('rejects a call that waits for the database when the store is closed', async () => {
    const tab = await open([openLate])
    await tab.evaluate(() => {
      outcome = store.read('key').then(String, ({ code }) => code)
    })
    await tab.evaluate('store.close(); respond()')
    expect(await tab.evaluate(() => outcome)).toBe('InvalidParameter')
  })

  it('does not reject a call because its tab was suspended', async () => {
    const tab = await open([openLate])
    await stopClock(tab)
    await tab.evaluate(() => {
      outcome = store.compareAndSet('key', { epoch: 0, data: '' }, 0).then(String, String)
    })
    // The timers fire late.
    await tab.clock.fastForward(60_000)
    await tab.evaluate('respond()')
    expect(await tab.evaluate(() => outcome)).toBe('true')
  })

  it('rejects a call if another tab holds the lock of localStorage', async () => {
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
    expect(await writeUntilTimeout(tab, 0)).toBe(timeout)
    await other.close()
    expect(await write(tab, 0)).toBe(true)
  })

  it('rejects a call during a long write of another tab, and writes nothing later', async () => {
    const context = await tabs.context()
    const [tab, other] = [await tabs.open(context), await tabs.open(context)]
    await write(tab, 0)
    await other.evaluate(async () => {
      const database = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open('pds-sessions')
        request.onsuccess = () => resolve(request.result)
      })
      const rows = database.transaction('rows', 'readwrite').objectStore('rows')
      // Keep the transaction active until the tab is closed.
      await new Promise((resolve) => {
        const readAgain = () => {
          resolve(undefined)
          rows.get('').onsuccess = readAgain
        }
        readAgain()
      })
    })
    expect(await writeUntilTimeout(tab, 1)).toBe(timeout)
    await other.close()
    expect(await revOf(tab)).toBe(1)
  })

  it.each([[[]], [[withoutIndexedDB]]])('rejects every call after the store is closed', async (scripts) => {
    const tab = await open(scripts)
    await write(tab, 0)
    const rejections = await tab.evaluate(() => {
      store.close()
      store.close()
      const calls = [
        () => store.read('key'),
        () => store.compareAndSet('key', { epoch: 0, data: '' }, 1),
        () => store.lease('key', 'me', 60_000),
        () => store.release('key', 'me', 1),
        async () => store.watch?.('key', () => undefined),
      ]
      return Promise.all(calls.map((call) => call().catch(({ code, message }) => `${code}: ${message}`)))
    })
    expect(new Set(rejections)).toEqual(new Set(['InvalidParameter: the store is closed']))
  })
})
