import { engines } from 'shared/engines'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { SessionBrowser, type SessionTab } from './session-browser.ts'

/* A session in hidden tabs, whose timers are slow, and in browsers that lack or lose a feature. */

/** Scripts that run in each page before anything else. */
const scripts = {
  withoutIndexedDB: `Object.defineProperty(globalThis, 'indexedDB', {
    get() { throw new DOMException('denied', 'SecurityError') },
  })`,
  withoutLocks: "Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })",
  offline: "Object.defineProperty(Navigator.prototype, 'onLine', { get: () => false })",
  hangAtFirst: `{
    const { open } = IDBFactory.prototype
    let isFirst = true
    IDBFactory.prototype.open = function (...args) {
      if (!isFirst) return open.apply(this, args)
      isFirst = false
      return {}
    }
  }`,
  // The databases that are open when \`loseConnections\` is called fail from then on.
  losable: `{
    const { transaction } = IDBDatabase.prototype
    const lost = new WeakSet()
    let used = []
    IDBDatabase.prototype.transaction = function (...args) {
      if (lost.has(this)) throw new DOMException('Connection to Indexed Database server lost', 'UnknownError')
      used.push(this)
      return transaction.apply(this, args)
    }
    globalThis.loseConnections = () => used.forEach((database) => lost.add(database))
  }`,
}

for (const engine of engines) {
  describe.skipIf(engine.isMissing)(`a session in ${engine.name} ${engine.isMissing || ''}`, () => {
    let browser: SessionBrowser

    beforeAll(async () => {
      browser = await SessionBrowser.start(engine)
    })

    afterEach(() => browser?.closeTabs())
    afterAll(() => browser?.close())

    /** Asserts that each tab gets the token of one refresh. */
    async function expectOneRefresh(tabs: readonly SessionTab[]): Promise<void> {
      const before = browser.count()
      const results = await browser.getTokens(tabs, 10)
      expect(results.flatMap(({ errors }) => errors)).toEqual([])
      expect(new Set(results.flatMap(({ access_tokens }) => access_tokens)).size).toBe(1)
      expect(browser.countSince(before)).toEqual({ sent: 1, received: 1, invalid: 0 })
    }

    it.each([
      ['', undefined],
      [' without IndexedDB', scripts.withoutIndexedDB],
      [' without Web Locks', scripts.withoutLocks],
    ])('is refreshed once by three hidden tabs%s', async (_name, initScript) => {
      const tabs = await browser.openExpired(3, { initScript })
      await browser.open(1)
      // WebKit shows its first tab.
      for (const tab of engine.name === 'WebKit' ? tabs.slice(1) : tabs) {
        expect(await tab.evaluate('document.visibilityState')).toBe('hidden')
      }
      await expectOneRefresh(tabs)
    })

    it.each([
      ['', undefined],
      [' without IndexedDB', scripts.withoutIndexedDB],
    ])('is refreshed once by tabs whose timers do not fire%s', async (_name, initScript) => {
      const tabs = await browser.openExpired(3, { initScript })
      for (const tab of tabs) await tab.evaluate('void (globalThis.setTimeout = () => 0)')
      await expectOneRefresh(tabs)
    })

    it('is refreshed although the browser believes to be offline', async () => {
      const tabs = await browser.openExpired(1, { initScript: scripts.offline })
      await expectOneRefresh(tabs)
    })

    // The tests of @pds/session-web run in Chromium.
    if (engine.name === 'Chromium') return

    it('is refreshed after the connection to IndexedDB was lost', async () => {
      const [tab] = (await browser.openExpired(1, { initScript: scripts.losable })) as [SessionTab]
      await tab.evaluate('loseConnections()')
      await expectOneRefresh([tab])
    })

    it('works again after IndexedDB did not open', async () => {
      const [tab] = (await browser.open(1, { initScript: scripts.hangAtFirst })) as [SessionTab]
      const token = await browser.signIn()
      await tab.call('setToken', token).catch(() => undefined)
      await tab.call('setToken', token)
      expect(await tab.call('getTokens', 1)).toMatchObject({
        access_tokens: [token.access_token],
        errors: [],
      })
    })
  })
}
