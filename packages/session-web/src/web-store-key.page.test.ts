import { browserIsMissing } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  damage,
  startTabs,
  type Tab,
  type Tabs,
  withoutIndexedDB,
  withoutLocalStorage,
} from './tabs.test-helper.ts'

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
  const encrypt = (tab: Tab) =>
    tab.evaluate(async () => {
      const iv = new Uint8Array(12)
      return [
        ...new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, new Uint8Array(8))),
      ].join()
    })

  it('returns the same key to tabs that call it concurrently and to later tabs', async () => {
    const context = await tabs.context()
    const opened = await Promise.all([1, 2, 3, 4].map(() => tabs.open(context)))
    await Promise.all(opened.map((tab) => getKey(tab)))
    const later = await tabs.open(context)
    await getKey(later)
    const encrypted = await Promise.all([...opened, later].map(encrypt))
    expect(new Set(encrypted).size).toBe(1)
    await getKey(later, { name: 'another store' })
    expect(encrypted).not.toContain(await encrypt(later))
  })

  it('returns a key that is not extractable', async () => {
    const tab = await tabs.open(await tabs.context())
    await getKey(tab)
    expect(await tab.evaluate(() => [key.extractable, key.algorithm, [...key.usages].sort()])).toEqual([
      false,
      { name: 'AES-GCM', length: 256 },
      // The engines order them differently.
      ['decrypt', 'encrypt'],
    ])
    const exporting = tab.evaluate(() => crypto.subtle.exportKey('raw', key).catch(({ name }) => name))
    expect(await exporting).toBe('InvalidAccessError')
  })

  it('returns a new key for each call if the browser denies all storage', async () => {
    const tab = await tabs.open(await tabs.context(), [withoutIndexedDB, withoutLocalStorage])
    await getKey(tab)
    const first = await encrypt(tab)
    await getKey(tab)
    expect(await encrypt(tab)).not.toBe(first)
  })

  it.each(['null', '{}', '"key"', 'new Uint8Array(32)', '{ algorithm: { name: "AES-GCM" } }'])(
    'replaces a stored key that is %s',
    async (damaged) => {
      const context = await tabs.context()
      const tab = await tabs.open(context)
      await damage(tab, 'record', damaged, '')
      await getKey(tab)
      const later = await tabs.open(context)
      await getKey(later)
      expect(await encrypt(later)).toBe(await encrypt(tab))
    },
  )

  it.each([
    ['the page has only localStorage', withoutIndexedDB, 'IndexedDB that can store a CryptoKey'],
    [
      'IndexedDB cannot store a key',
      `const { put } = IDBObjectStore.prototype
      IDBObjectStore.prototype.put = function (value, key) {
        if (value.record instanceof CryptoKey) throw new DOMException('', 'DataCloneError')
        return put.call(this, value, key)
      }`,
      'use your own key, or the store without encryption',
    ],
    [
      'IndexedDB stores null instead of a key',
      `const { put } = IDBObjectStore.prototype
      IDBObjectStore.prototype.put = function (value, key) {
        return put.call(this, value.record instanceof CryptoKey ? null : value, key)
      }`,
      'use your own key, or the store without encryption',
    ],
    [
      'IndexedDB rejects a key later',
      `const { put } = IDBObjectStore.prototype
      IDBObjectStore.prototype.put = function (value, key) {
        const request = put.call(this, value.record instanceof CryptoKey ? null : value, key)
        const error = new DOMException('', 'DataCloneError')
        Object.defineProperty(this.transaction, 'error', { value: error })
        this.transaction.abort()
        return request
      }`,
      'use your own key, or the store without encryption',
    ],
    ['the page is not secure', 'delete Crypto.prototype.subtle', 'WebCrypto: serve the page over HTTPS'],
  ])('rejects if %s', async (_case, script, message) => {
    const tab = await tabs.open(await tabs.context(), [script])
    const rejection = await tab.evaluate(() =>
      exported.webStoreKey().catch(({ code, message }) => ({ code, message })),
    )
    expect(rejection).toEqual({ code: 'UnsupportedEnvironment', message: expect.stringContaining(message) })
  })
})
