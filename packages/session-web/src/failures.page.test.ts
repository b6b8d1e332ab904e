import { browserIsMissing } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  full,
  revOf,
  startTabs,
  stopClock,
  type Tab,
  type Tabs,
  withoutIndexedDB,
  withoutLocalStorage,
  write,
} from './tabs.test-helper.ts'

describe.skipIf(browserIsMissing).concurrent(`storage that fails ${browserIsMissing || ''}`, () => {
  let tabs: Tabs
  beforeAll(async () => {
    tabs = await startTabs()
  })
  afterAll(() => tabs?.close())

  const open = async (scripts: readonly string[] = []) => tabs.open(await tabs.context(), scripts)
  const scopeOf = (tab: Tab) => tab.evaluate(() => store.scope)

  it('localStorage, since it is full: what is there can be written again, with room to grow; what is new cannot', async () => {
    const tab = await open([withoutIndexedDB])
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
    // As a refresh does.
    expect(await tab.evaluate(() => store.lease('key', 'me', 60_000))).toBe(1)
    expect(await write(tab, 1, 5100)).toBe(true)
    expect(await write(tab, 2, 9000)).toBe(true)
    expect(await write(tab, 3, 100)).toBe(true)
    expect(await write(tab, 4, 9000)).toBe(true)
    await tab.evaluate(() => store.release('key', 'me', 1))
    expect(await write(tab, 5, 50_000)).toBe(full)
    expect(await revOf(tab)).toBe(5)
    const added = tab.evaluate(() => store.lease('another', 'me', 60_000).catch((error) => `${error}`))
    expect(await added).toBe(full)
    // No room for twice as much, but for what is needed.
    await tab.evaluate(() => localStorage.removeItem('filler 0'))
    await tab.evaluate(() => localStorage.setItem('filler 0', ' '.repeat(2 ** 20 - 60_000)))
    expect(await write(tab, 5, 50_000)).toBe(true)
  })

  it('localStorage: the lock is kept after a write, for a tab that is closed right after it', async () => {
    const tab = await open([withoutIndexedDB])
    await stopClock(tab)
    const isLocked = async () => {
      const { held = [] } = await tab.evaluate(() => navigator.locks.query())
      return held.some(({ name }) => name === '["pds-sessions","key"]')
    }
    await write(tab, 0)
    expect(await isLocked()).toBe(true)
    await tab.clock.runFor(100)
    expect(await revOf(tab)).toBe(1)
    expect(await isLocked()).toBe(false)
  })

  it('IndexedDB: what is written is on the disk when that is told', async () => {
    const tab = await open([
      `globalThis.writes = []
      const { transaction } = IDBDatabase.prototype
      IDBDatabase.prototype.transaction = function (table, mode, options) {
        if (mode === 'readwrite') writes.push([table, options?.durability])
        return transaction.call(this, table, mode, options)
      }`,
    ])
    await write(tab, 0)
    await tab.evaluate(() => store.lease('key', 'me', 60_000))
    expect(await tab.evaluate('writes')).toEqual([
      ['records', 'strict'],
      ['leases', 'strict'],
    ])
  })

  it('localStorage: what is removed is waited for no longer than it may take to come', async () => {
    const context = await tabs.context()
    const [tab, other] = await Promise.all([1, 2].map(() => tabs.open(context, [withoutIndexedDB])))
    if (!tab || !other) throw new Error('two tabs are opened')
    await write(tab, 0)
    await write(other, 1)
    await tab.evaluate(() => localStorage.clear())
    expect(await revOf(other)).toBeUndefined()
    expect(await write(tab, 0)).toBe(true)
    expect(await write(other, 1)).toBe(true)
  })

  it('localStorage: an item that is damaged is named', async () => {
    const tab = await open([withoutIndexedDB])
    await write(tab, 0)
    const key = await tab.evaluate(() => {
      const [key = ''] = Object.keys(localStorage)
      localStorage.setItem(key, localStorage.getItem(key)?.slice(0, 50) ?? '')
      return key
    })
    expect(key).toContain('pds-sessions')
    expect(await write(tab, 1)).toBe(
      'Error: web storage "pds-sessions": SyntaxError: an item of localStorage with this name in its key is damaged: remove it, and sign in again',
    )
    await tab.evaluate((key) => localStorage.removeItem(key), key)
    expect(await write(tab, 0)).toBe(true)
  })

  describe('since it is denied', () => {
    it.each([
      ['IndexedDB', [withoutIndexedDB], 'origin'],
      [
        'IndexedDB, which is not there',
        ['delete Window.prototype.indexedDB; delete globalThis.indexedDB'],
        'origin',
      ],
      [
        'IndexedDB, which cannot be looked at',
        [
          "Object.defineProperty(globalThis, 'indexedDB', { get() { throw new DOMException('', 'SecurityError') } })",
        ],
        'origin',
      ],
      [
        'IndexedDB, where there are no Web Locks',
        [withoutIndexedDB, 'delete Navigator.prototype.locks'],
        'process',
      ],
      ['all of it', [withoutIndexedDB, withoutLocalStorage], 'process'],
      [
        'all of it, as in Chromium',
        [
          `IDBFactory.prototype.open = () => {
            const request = { error: new DOMException('The user denied permission', 'UnknownError') }
            queueMicrotask(() => request.onerror())
            return request
          }
          const refuse = async () => { throw new DOMException('The request was denied.', 'SecurityError') }
          LockManager.prototype.query = refuse
          LockManager.prototype.request = refuse`,
          withoutLocalStorage,
        ],
        'process',
      ],
    ])('%s: it is kept elsewhere, by all calls', async (_what, scripts, scope) => {
      const tab = await open(scripts)
      const results = await tab.evaluate(() =>
        Promise.all([
          store.cas('key', { epoch: 0, data: 'kept' }, 0),
          store.lease('key', 'me', 60_000),
          store.cas('key', { epoch: 0, data: 'kept' }, 0),
        ]),
      )
      expect(results).toEqual([true, 1, false])
      expect(await scopeOf(tab)).toBe(scope)
      const shared = await tab.evaluate(async () => (await exported.webStore().read('key'))?.data)
      expect(shared).toBe(scope === 'origin' ? 'kept' : undefined)
    })
  })

  it.each(['UnknownError', 'AbortError', 'QuotaExceededError'])(
    'with %s: it is tried again, and nowhere else',
    async (name) => {
      const tab = await open([
        `const { open } = IDBFactory.prototype
      IDBFactory.prototype.open = () => {
        IDBFactory.prototype.open = open
        const request = { error: new DOMException('secret', '${name}') }
        queueMicrotask(() => request.onerror())
        return request
      }`,
      ])
      expect(await write(tab, 0)).toMatch(
        new RegExp(`^Error: web storage "pds-sessions": ${name}: (?!.*secret)`),
      )
      expect(await write(tab, 0)).toBe(true)
      expect(await scopeOf(tab)).toBe('origin')
      expect(await tab.evaluate(() => localStorage.length)).toBe(0)
    },
  )
})
