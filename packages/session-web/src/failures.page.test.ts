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

describe.skipIf(browserIsMissing).concurrent(`failing storage ${browserIsMissing || ''}`, () => {
  let tabs: Tabs
  beforeAll(async () => {
    tabs = await startTabs()
  })
  afterAll(() => tabs?.close())

  const open = async (scripts: readonly string[] = []) => tabs.open(await tabs.context(), scripts)
  const scopeOf = (tab: Tab) => tab.evaluate(() => store.scope)

  it('writes existing items with space to grow, but no new items, in a full localStorage', async () => {
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
    // The steps of a refresh.
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
    // There is space for the text, but not for padding to twice its length.
    await tab.evaluate(() => localStorage.removeItem('filler 0'))
    await tab.evaluate(() => localStorage.setItem('filler 0', ' '.repeat(2 ** 20 - 60_000)))
    expect(await write(tab, 5, 50_000)).toBe(true)
  })

  it('keeps the lock for a while after a write to localStorage, in case the tab closes', async () => {
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

  it('requests strict durability for writes to IndexedDB', async () => {
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

  it('stops waiting for a removed item of localStorage after the propagation time', async () => {
    const context = await tabs.context()
    const [tab, other] = await Promise.all([1, 2].map(() => tabs.open(context, [withoutIndexedDB])))
    if (!tab || !other) throw new Error('the two tabs were not opened')
    await write(tab, 0)
    await write(other, 1)
    await tab.evaluate(() => localStorage.clear())
    expect(await revOf(other)).toBeUndefined()
    expect(await write(tab, 0)).toBe(true)
    expect(await write(other, 1)).toBe(true)
  })

  it('reports a damaged item of localStorage', async () => {
    const tab = await open([withoutIndexedDB])
    await write(tab, 0)
    const key = await tab.evaluate(() => {
      const [key = ''] = Object.keys(localStorage)
      localStorage.setItem(key, localStorage.getItem(key)?.slice(0, 50) ?? '')
      return key
    })
    expect(key).toContain('pds-sessions')
    expect(await write(tab, 1)).toBe(
      'Error: web storage "pds-sessions": SyntaxError: the localStorage item with this name in its key is damaged: remove it and sign in again',
    )
    await tab.evaluate((key) => localStorage.removeItem(key), key)
    expect(await write(tab, 0)).toBe(true)
  })

  describe('denied storage', () => {
    it.each([
      ['IndexedDB', [withoutIndexedDB], 'origin'],
      ['missing IndexedDB', ['delete Window.prototype.indexedDB; delete globalThis.indexedDB'], 'origin'],
      [
        'IndexedDB whose getter throws',
        [
          "Object.defineProperty(globalThis, 'indexedDB', { get() { throw new DOMException('', 'SecurityError') } })",
        ],
        'origin',
      ],
      ['IndexedDB without Web Locks', [withoutIndexedDB, 'delete Navigator.prototype.locks'], 'process'],
      ['all storage', [withoutIndexedDB, withoutLocalStorage], 'process'],
      [
        'all storage, with the errors of Chromium',
        [
          `IDBFactory.prototype.open = () => {
            const request = { error: new DOMException('The user denied permission', 'UnknownError') }
            queueMicrotask(() => request.onerror())
            return request
          }
          const deny = async () => { throw new DOMException('The request was denied.', 'SecurityError') }
          LockManager.prototype.query = deny
          LockManager.prototype.request = deny`,
          withoutLocalStorage,
        ],
        'process',
      ],
    ])('switches all calls to another backend: %s', async (_case, scripts, scope) => {
      const tab = await open(scripts)
      const results = await tab.evaluate(() =>
        Promise.all([
          store.compareAndSet('key', { epoch: 0, data: 'kept' }, 0),
          store.lease('key', 'me', 60_000),
          store.compareAndSet('key', { epoch: 0, data: 'kept' }, 0),
        ]),
      )
      expect(results).toEqual([true, 1, false])
      expect(await scopeOf(tab)).toBe(scope)
      const shared = await tab.evaluate(async () => (await exported.webStore().read('key'))?.data)
      expect(shared).toBe(scope === 'origin' ? 'kept' : undefined)
    })
  })

  it.each(['UnknownError', 'AbortError', 'QuotaExceededError'])(
    'keeps its backend after %s, and the next call succeeds',
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
