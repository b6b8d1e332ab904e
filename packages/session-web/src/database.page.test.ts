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
          request.onblocked = () => reject(new Error('the store does not let go of it'))
          request.onsuccess = () => {
            request.result.close()
            resolve()
          }
        }),
      [version, table] as const,
    )
  const describeDatabase = (tab: Tab) => tab.evaluate(() => indexedDB.databases())

  it('of a newer version is refused and left as it is, also where it is open', async () => {
    const tab = await open()
    await write(tab, 0)
    await change(tab, 7, 'newer')
    expect(await write(tab, 1)).toBe(
      'Error: web storage "pds-sessions": VersionError: a newer @pds/session-web wrote it: load the page anew, or update',
    )
    expect(await describeDatabase(tab)).toEqual([{ name: 'pds-sessions', version: 7 }])
  })

  it('of something else is refused and left as it is', async () => {
    const tab = await open()
    await change(tab, 1, 'theirs')
    expect(await write(tab, 0)).toBe(
      'Error: web storage "pds-sessions": NotFoundError: it is the database of something else: give webStore a name of its own',
    )
    // Nor is it kept open.
    await change(tab, 2, 'more of theirs')
  })

  it('that another tab deletes is let go of, and made anew', async () => {
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

  it('that the user deletes is made anew', async () => {
    const tab = await open()
    await write(tab, 0)
    await clearStorage(tab)
    expect(await revOf(tab)).toBeUndefined()
    expect(await write(tab, 0)).toBe(true)
  })

  it('that was closed without a word is opened again', async () => {
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

  /** Closes the connection during each of the next calls, and makes the next openings fail, as a deletion does. */
  const takeAway = (tab: Tab, calls: number, openings = 0) =>
    tab.evaluate(
      ([calls, openings]) => {
        const { transaction } = IDBDatabase.prototype
        IDBDatabase.prototype.transaction = function (...args) {
          const taken = transaction.apply(this, args)
          if (calls-- > 0) {
            Object.defineProperty(taken, 'error', { value: new DOMException('', 'AbortError') })
            this.close()
            queueMicrotask(() => taken.abort())
          }
          return taken
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
  ])('opens again after losing its connection during %i calls and %i openings', async (calls, openings) => {
    const tab = await open()
    await write(tab, 0)
    await takeAway(tab, calls, openings)
    expect(await write(tab, 1)).toBe(true)
    expect(await revOf(tab)).toBe(2)
  })

  it('rejects a call that loses its connection four times, and opens again for the next call', async () => {
    const tab = await open()
    await write(tab, 0)
    await takeAway(tab, 4)
    expect(await write(tab, 1)).toBe('Error: web storage "pds-sessions": AbortError: it failed, try again')
    expect(await write(tab, 1)).toBe(true)
  })
})
