import { browserIsMissing, clearStorage } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { revOf, startTabs, type Tab, type Tabs, write } from './tabs.test-helper.ts'

describe.skipIf(browserIsMissing).concurrent(`the database of a store ${browserIsMissing || ''}`, () => {
  let tabs: Tabs
  beforeAll(async () => {
    tabs = await startTabs()
  })
  afterAll(() => tabs?.close())

  const open = async (scripts: readonly string[] = []) => tabs.open(await tabs.context(), scripts)

  const change = (tab: Tab, version: number, table: string) =>
    tab.evaluate(
      ([version, table]) =>
        new Promise<void>((resolve, reject) => {
          const request = indexedDB.open('pds-sessions', version)
          request.onupgradeneeded = () => request.result.createObjectStore(table)
          request.onblocked = () => reject(new Error('the store did not close the database'))
          request.onsuccess = () => {
            request.result.close()
            resolve()
          }
        }),
      [version, table] as const,
    )
  const describeDatabase = (tab: Tab) => tab.evaluate(() => indexedDB.databases())

  it('of a newer version is rejected and not changed, even if the store has it open', async () => {
    const tab = await open()
    await write(tab, 0)
    await change(tab, 7, 'newer')
    expect(await write(tab, 1)).toBe(
      'Error: web storage "pds-sessions": VersionError: a newer @pds/session-web wrote the database: reload the page, or update the package',
    )
    expect(await describeDatabase(tab)).toEqual([{ name: 'pds-sessions', version: 7 }])
  })

  it('of another program is rejected and not changed', async () => {
    const tab = await open()
    await change(tab, 1, 'other')
    expect(await write(tab, 0)).toBe(
      'Error: web storage "pds-sessions": NotFoundError: another program owns the database: give webStore a separate name',
    )
    // The store has closed it.
    await change(tab, 2, 'another table')
  })

  it('is closed when another tab deletes it, and created again', async () => {
    const context = await tabs.context()
    const [tab, other] = [await tabs.open(context), await tabs.open(context)]
    await write(tab, 0)
    const deleted = other.evaluate(
      () =>
        new Promise((resolve) => {
          const request = indexedDB.deleteDatabase('pds-sessions')
          request.onsuccess = () => resolve('deleted')
          request.onblocked = () => resolve('blocked')
        }),
    )
    expect(await deleted).toBe('deleted')
    expect(await revOf(tab)).toBeUndefined()
    expect(await write(tab, 0)).toBe(true)
    expect(await revOf(other)).toBe(1)
  })

  it('is created again after the user deleted it', async () => {
    const tab = await open()
    await write(tab, 0)
    await clearStorage(tab)
    expect(await revOf(tab)).toBeUndefined()
    expect(await write(tab, 0)).toBe(true)
  })

  it('is reopened after it was closed without an event', async () => {
    const tab = await open([
      `const { open } = IDBFactory.prototype
      IDBFactory.prototype.open = function (...args) {
        const request = open.apply(this, args)
        request.addEventListener('success', () => { globalThis.database = request.result })
        return request
      }`,
    ])
    await write(tab, 0)
    await tab.evaluate('database.close()')
    expect(await write(tab, 1)).toBe(true)
  })

  /** Closes the connection during the next calls, and makes the next attempts to open it fail, like a deletion. */
  const breakConnection = (tab: Tab, calls: number, openings = 0) =>
    tab.evaluate(
      ([calls, openings]) => {
        const { transaction } = IDBDatabase.prototype
        IDBDatabase.prototype.transaction = function (...args) {
          const broken = transaction.apply(this, args)
          if (calls-- > 0) {
            Object.defineProperty(broken, 'error', { value: new DOMException('', 'AbortError') })
            this.close()
            queueMicrotask(() => broken.abort())
          }
          return broken
        }
        const { open } = IDBFactory.prototype
        IDBFactory.prototype.open = function (...args) {
          if (openings-- <= 0) return open.apply(this, args)
          const request = { error: new DOMException('', 'AbortError') } as IDBOpenDBRequest
          queueMicrotask(() => request.onerror?.(new Event('error')))
          return request
        }
      },
      [calls, openings] as const,
    )

  it.each([
    [1, 0],
    [3, 0],
    [1, 2],
  ])(
    'is reopened after its connection was closed during %i calls and %i attempts to open it',
    async (calls, openings) => {
      const tab = await open()
      await write(tab, 0)
      await breakConnection(tab, calls, openings)
      expect(await write(tab, 1)).toBe(true)
      expect(await revOf(tab)).toBe(2)
    },
  )

  it('rejects a call whose connection is closed four times, and is reopened by the next call', async () => {
    const tab = await open()
    await write(tab, 0)
    await breakConnection(tab, 4)
    expect(await write(tab, 1)).toBe(
      'Error: web storage "pds-sessions": AbortError: the storage failed: retry',
    )
    expect(await write(tab, 1)).toBe(true)
  })
})
