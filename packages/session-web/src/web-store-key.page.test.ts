import { browserIsMissing } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTabs, type Tab, type Tabs, withoutIndexedDB, withoutLocalStorage } from './tabs.test-helper.ts'

declare global {
  var key: CryptoKey
}

describe.skipIf(browserIsMissing).concurrent(`webStoreKey ${browserIsMissing || ''}`, () => {
  let tabs: Tabs
  beforeAll(async () => {
    tabs = await startTabs()
  })
  afterAll(() => tabs?.close())

  const getKey = (tab: Tab, options?: { name: string }) =>
    tab.evaluate(async (options) => {
      key = await exported.webStoreKey(options)
    }, options)
  const seal = (tab: Tab) =>
    tab.evaluate(async () => {
      const iv = new Uint8Array(12)
      return [
        ...new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, new Uint8Array(8))),
      ].join()
    })

  it('gives tabs that ask at once, and those that come later, one key', async () => {
    const context = await tabs.context()
    const opened = await Promise.all([1, 2, 3, 4].map(() => tabs.open(context)))
    await Promise.all(opened.map((tab) => getKey(tab)))
    const later = await tabs.open(context)
    await getKey(later)
    const sealed = await Promise.all([...opened, later].map(seal))
    expect(new Set(sealed).size).toBe(1)
    await getKey(later, { name: 'of another store' })
    expect(sealed).not.toContain(await seal(later))
  })

  it('gives one that cannot be taken out of the browser', async () => {
    const tab = await tabs.open(await tabs.context())
    await getKey(tab)
    expect(await tab.evaluate(() => [key.extractable, key.algorithm, key.usages])).toEqual([
      false,
      { name: 'AES-GCM', length: 256 },
      ['encrypt', 'decrypt'],
    ])
    const exporting = tab.evaluate(() => crypto.subtle.exportKey('raw', key).catch(({ name }) => name))
    expect(await exporting).toBe('InvalidAccessError')
  })

  it('gives one of its own where all storage is denied', async () => {
    const tab = await tabs.open(await tabs.context(), [withoutIndexedDB, withoutLocalStorage])
    await getKey(tab)
    const first = await seal(tab)
    await getKey(tab)
    expect(await seal(tab)).not.toBe(first)
  })

  it.each([
    ['there is localStorage alone', withoutIndexedDB, 'IndexedDB, which is denied here'],
    ['a page is not secure', 'delete Crypto.prototype.subtle', 'serve it over HTTPS'],
  ])('rejects where %s', async (_why, script, message) => {
    const tab = await tabs.open(await tabs.context(), [script])
    const refusal = await tab.evaluate(() =>
      exported.webStoreKey().catch(({ code, message }) => ({ code, message })),
    )
    expect(refusal).toEqual({ code: 'UnsupportedEnvironment', message: expect.stringContaining(message) })
  })
})
