import { browserIsMissing } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lease, revOf, startTabs, type Tab, type Tabs, write } from './tabs.test-helper.ts'

declare global {
  /** The connection that was opened last, and the number of connections. */
  var database: IDBDatabase
  var opened: number
}

const spy = `globalThis.opened = 0
  const { open } = IDBFactory.prototype
  IDBFactory.prototype.open = function (...args) {
    opened++
    const request = open.apply(this, args)
    request.addEventListener('success', () => { globalThis.database = request.result })
    return request
  }`

describe.skipIf(browserIsMissing).concurrent(`the connection to IndexedDB ${browserIsMissing || ''}`, () => {
  let tabs: Tabs
  beforeAll(async () => {
    tabs = await startTabs()
  })
  afterAll(() => tabs?.close())

  const open = async () => {
    const tab = await tabs.open(await tabs.context(), [spy])
    await write(tab, 0)
    expect(await tab.evaluate(() => opened)).toBe(1)
    return tab
  }

  it('is opened again after it was closed without an event', async () => {
    const tab = await open()
    await tab.evaluate('database.close()')
    expect(await write(tab, 1)).toBe(true)
    expect(await tab.evaluate(() => opened)).toBe(2)
  })

  it.each(['close', 'versionchange'])(
    'is opened again after a %s event, before a call fails',
    async (type) => {
      const tab = await open()
      await tab.evaluate((type) => {
        const lost = database
        lost.dispatchEvent(new Event(type))
        lost.transaction = () => {
          throw new Error('the store used the lost connection')
        }
      }, type)
      expect(await write(tab, 1)).toBe(true)
      expect(await tab.evaluate(() => opened)).toBe(2)
    },
  )

  const names = [
    'UnknownError',
    'InvalidStateError',
    'AbortError',
    'TransactionInactiveError',
    'NotFoundError',
  ]

  it.each(names)('is opened again once if a transaction cannot begin because of %s', async (name) => {
    const tab = await open()
    await tab.evaluate((name) => {
      database.transaction = () => {
        throw new DOMException('Connection to Indexed Database server lost', name)
      }
    }, name)
    expect(await write(tab, 1)).toBe(true)
    expect(await tab.evaluate(() => opened)).toBe(2)
    expect(await revOf(tab)).toBe(2)
  })

  it.each(names)('is opened again once if a request fails with %s', async (name) => {
    const tab = await open()
    await tab.evaluate((name) => {
      const lost = database
      const { get } = IDBObjectStore.prototype
      IDBObjectStore.prototype.get = function (key) {
        const request = get.call(this, key)
        const { transaction } = this
        if (transaction.db !== lost) return request
        const error = new DOMException('', name)
        Object.defineProperty(request, 'error', { value: error })
        Object.defineProperty(transaction, 'error', { value: error, configurable: true })
        request.addEventListener('success', (event) => {
          event.stopImmediatePropagation()
          const isHandled = !request.dispatchEvent(new Event('error', { cancelable: true }))
          if (!isHandled) transaction.abort()
        })
        return request
      }
    }, name)
    expect(await lease(tab, 'me')).toBe(1)
    expect(await tab.evaluate(() => opened)).toBe(2)
  })

  /** Aborts the transactions of the next calls, and makes the next attempts to open the database fail. */
  const breakConnection = (tab: Tab, error: string | null, calls: number, openings = 0) =>
    tab.evaluate(
      ([name, calls, openings]) => {
        const error = name === null ? null : new DOMException('', name)
        const { transaction } = IDBDatabase.prototype
        IDBDatabase.prototype.transaction = function (...args) {
          const broken = transaction.apply(this, args)
          if (calls-- > 0) {
            Object.defineProperty(broken, 'error', { value: error })
            this.close()
            queueMicrotask(() => broken.abort())
          }
          return broken
        }
        const { open } = IDBFactory.prototype
        IDBFactory.prototype.open = function (...args) {
          if (openings-- <= 0) return open.apply(this, args)
          const request = { error } as IDBOpenDBRequest
          queueMicrotask(() => request.onerror?.(new Event('error')))
          return request
        }
      },
      [error, calls, openings] as const,
    )

  it.each([
    ['AbortError', 1, 0],
    ['AbortError', 3, 0],
    ['AbortError', 1, 2],
    ['UnknownError', 1, 2],
    ['InvalidStateError', 1, 0],
    [null, 1, 0],
  ] as const)(
    'is opened again after %s aborted %i calls and %i attempts to open it',
    async (name, calls, openings) => {
      const tab = await open()
      await breakConnection(tab, name, calls, openings)
      expect(await write(tab, 1)).toBe(true)
      expect(await tab.evaluate(() => opened)).toBe(calls + 1)
      expect(await revOf(tab)).toBe(2)
    },
  )

  it('is opened four times by one call, and again by the next call', async () => {
    const tab = await open()
    await breakConnection(tab, 'UnknownError', 4)
    expect(await write(tab, 1)).toBe(
      'Error: web storage "pds-sessions": UnknownError: the storage failed: retry',
    )
    expect(await write(tab, 1)).toBe(true)
  })

  it('is not opened again after an error of a full storage', async () => {
    const tab = await open()
    await breakConnection(tab, 'QuotaExceededError', 1)
    expect(await write(tab, 1)).toMatch(/QuotaExceededError/)
    expect(await tab.evaluate(() => opened)).toBe(1)
    expect(await write(tab, 1)).toBe(true)
  })

  it('is opened again by calls that run at the same time', async () => {
    const tab = await open()
    await tab.evaluate('database.close()')
    const results = await tab.evaluate(() =>
      Promise.all([
        store.read('key').then((record) => record?.rev),
        store.compareAndSet('key', { epoch: 0, data: '' }, 1),
        store.lease('key', 'me', 60_000).then((lease) => lease?.record?.rev),
      ]),
    )
    expect(results).toEqual([1, true, 2])
    expect(await tab.evaluate(() => opened)).toBe(2)
  })
})
