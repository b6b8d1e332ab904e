import { browserIsMissing } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  startTabs,
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
      ['rows', 'strict'],
      ['rows', 'strict'],
    ])
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
        'IndexedDB, then localStorage',
        [
          withoutIndexedDB,
          "Storage.prototype.getItem = () => { throw new DOMException('denied', 'SecurityError') }",
        ],
        'process',
      ],
      [
        'IndexedDB, then the Web Locks of localStorage',
        [
          withoutIndexedDB,
          "LockManager.prototype.request = async () => { throw new DOMException('denied', 'SecurityError') }",
        ],
        'process',
      ],
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
      expect(results).toMatchObject([true, { fence: 1 }, false])
      expect(await scopeOf(tab)).toBe(scope)
      const shared = await tab.evaluate(async () => (await exported.webStore().read('key'))?.data)
      expect(shared).toBe(scope === 'origin' ? 'kept' : undefined)
    })
  })

  it.each(['UnknownError', 'AbortError', 'QuotaExceededError', 'InvalidAccessError'])(
    'keeps its backend after %s, and a later call succeeds',
    async (name) => {
      const tab = await open([
        `const { open } = IDBFactory.prototype
      // A call makes at most 4 attempts.
      let failures = 4
      IDBFactory.prototype.open = function (...args) {
        if (failures-- <= 0) return open.apply(this, args)
        const request = { error: new DOMException('secret', '${name}') }
        queueMicrotask(() => request.onerror())
        return request
      }`,
      ])
      let result = await write(tab, 0)
      expect(result).toMatch(new RegExp(`^Error: web storage "pds-sessions": ${name}: (?!.*secret)`))
      while (result !== true) result = await write(tab, 0)
      expect(await scopeOf(tab)).toBe('origin')
      expect(await tab.evaluate(() => localStorage.length)).toBe(0)
    },
  )
})
