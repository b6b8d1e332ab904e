import { browserIsMissing, clearStorage, leftOut } from 'shared/browser'
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
      'Error: web storage "pds-sessions": VersionError: a newer version wrote the database: reload the page, or update @pds/session-web',
    )
    expect(await describeDatabase(tab)).toEqual([{ name: 'pds-sessions', version: 7 }])
  })

  it('of another program is rejected and not changed', async () => {
    const tab = await open()
    await change(tab, 1, 'other')
    expect(await write(tab, 0)).toBe(
      'Error: web storage "pds-sessions": NotFoundError: another program owns the database: give webStore another name',
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

  const cannotClear = leftOut('a cleared storage')
  it.skipIf(cannotClear)(`is created again after the user deleted it ${cannotClear || ''}`, async () => {
    const tab = await open()
    await write(tab, 0)
    await clearStorage(tab)
    expect(await revOf(tab)).toBeUndefined()
    expect(await write(tab, 0)).toBe(true)
  })
})
