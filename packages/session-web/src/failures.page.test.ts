import { browserIsMissing } from 'browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTabs, type Tab, type Tabs, withoutIndexedDB, withoutLocalStorage } from './tabs.test-helper.ts'

declare global {
  /** What a call that is under way rejects with, as a text. */
  var failure: Promise<string>
}

describe.skipIf(browserIsMissing).concurrent(`storage that fails ${browserIsMissing || ''}`, () => {
  let tabs: Tabs
  beforeAll(async () => {
    tabs = await startTabs()
  })
  afterAll(() => tabs?.close())

  const open = async (scripts: readonly string[] = []) => tabs.open(await tabs.context(), scripts)
  /** Writes over a revision. Gives what that gives, or the message of its error. */
  const write = (tab: Tab, rev: number, length = 5000) =>
    tab.evaluate(
      ([rev, length]) =>
        store
          .cas('key', { epoch: 0, data: 'secret'.padEnd(length, `${rev}`) }, rev)
          .catch((error) => `${error}`),
      [rev, length] as const,
    )
  /** Lets time stand still, but for what a test lets go by. */
  const stopClock = async (tab: Tab) => {
    await tab.clock.install({ time: 0 })
    await tab.clock.pauseAt(1000)
  }
  const revOf = (tab: Tab) => tab.evaluate(async () => (await store.read('key'))?.rev)
  const scopeOf = (tab: Tab) => tab.evaluate(() => store.scope)
  const full =
    'Error: web storage "pds-sessions": QuotaExceededError: the storage of this origin is full: make room in it, and go on'

  describe('since it is full', () => {
    it('IndexedDB: calls are refused, and go on when there is room', async () => {
      const tab = await open()
      const devtools = await tab.context().newCDPSession(tab)
      const { origin } = tabs
      await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 40_000 })
      expect(await write(tab, 0)).toBe(true)
      let rev = 1
      while ((await write(tab, rev)) === true) rev++
      expect(await write(tab, rev)).toBe(full)
      expect(await revOf(tab)).toBe(rev)
      const lease = () => tab.evaluate(() => store.lease('key', 'me', 60_000).catch((error) => `${error}`))
      const isLent = await lease()
      // A row that is as short as that may still fit.
      expect([1, full]).toContain(isLent)
      await devtools.send('Storage.overrideQuotaForOrigin', { origin })
      expect(await write(tab, rev)).toBe(true)
      expect(await lease()).toBe(isLent === 1 ? 2 : 1)
    })

    it('localStorage: what is there can be written again, with room to grow; what is new cannot', async () => {
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
  })

  it('localStorage: the lock is kept after a write, until other processes know of that', async () => {
    const tab = await open([withoutIndexedDB])
    await stopClock(tab)
    const isLocked = async () => {
      const { held = [] } = await tab.evaluate(() => navigator.locks.query())
      return held.length > 0
    }
    await write(tab, 0)
    expect(await isLocked()).toBe(true)
    await tab.clock.runFor(100)
    expect(await revOf(tab)).toBe(1)
    expect(await isLocked()).toBe(false)
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

  describe('a database', () => {
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
      const devtools = await tab.context().newCDPSession(tab)
      await devtools.send('Storage.clearDataForOrigin', { origin: tabs.origin, storageTypes: 'all' })
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
  })

  describe('without an answer', () => {
    const timeout =
      'Error: web storage "pds-sessions": TimeoutError: no answer, as where another tab holds on to it: try again'
    /** Starts a write, and lets the time go by that it waits. */
    const waitInVain = async (tab: Tab, rev: number) => {
      await stopClock(tab)
      await tab.evaluate((rev) => {
        failure = store.cas('key', { epoch: 0, data: 'late' }, rev).then(String, String)
      }, rev)
      await tab.clock.runFor(5000)
      return tab.evaluate(() => failure)
    }

    const openLate = `const { open } = IDBFactory.prototype
      IDBFactory.prototype.open = (...args) => {
        const request = {}
        globalThis.answer = () => new Promise((resolve) => {
          const real = open.apply(indexedDB, args)
          real.onupgradeneeded = () => { request.result = real.result; request.onupgradeneeded() }
          real.onsuccess = () => { request.onsuccess(); resolve() }
        })
        return request
      }`

    it('when it is opened: a call is refused, and does nothing later', async () => {
      const tab = await open([openLate])
      expect(await waitInVain(tab, 0)).toBe(timeout)
      await tab.evaluate('answer()')
      expect(await revOf(tab)).toBeUndefined()
      expect(await write(tab, 0)).toBe(true)
    })

    it('for as long as a tab was frozen: a call goes on', async () => {
      const tab = await open([openLate])
      await stopClock(tab)
      await tab.evaluate(() => {
        failure = store.cas('key', { epoch: 0, data: '' }, 0).then(String, String)
      })
      // The timers are that late.
      await tab.clock.fastForward(60_000)
      await tab.evaluate('answer()')
      expect(await tab.evaluate(() => failure)).toBe('true')
    })

    it('of a lock of localStorage: a call is refused', async () => {
      const context = await tabs.context()
      const [tab, other] = [await tabs.open(context, [withoutIndexedDB]), await tabs.open(context)]
      await other.evaluate(
        () =>
          new Promise((resolve) => {
            const hold = () => {
              resolve(undefined)
              return new Promise(() => undefined)
            }
            navigator.locks.request(JSON.stringify(['pds-sessions', 'key']), hold)
          }),
      )
      expect(await waitInVain(tab, 0)).toBe(timeout)
      await other.close()
      expect(await write(tab, 0)).toBe(true)
    })

    it('when another tab writes for long: a call is refused, and does nothing later', async () => {
      const context = await tabs.context()
      const [tab, other] = [await tabs.open(context), await tabs.open(context)]
      await write(tab, 0)
      await other.evaluate(async () => {
        const database = await new Promise<IDBDatabase>((resolve) => {
          const request = indexedDB.open('pds-sessions')
          request.onsuccess = () => resolve(request.result)
        })
        const rows = database.transaction('records', 'readwrite').objectStore('records')
        // Until the tab is closed.
        await new Promise((resolve) => {
          const goOn = () => {
            resolve(undefined)
            rows.get('').onsuccess = goOn
          }
          goOn()
        })
      })
      expect(await waitInVain(tab, 1)).toBe(timeout)
      await other.close()
      expect(await revOf(tab)).toBe(1)
    })

    it.each([[[]], [[withoutIndexedDB]]])('when it is closed: a call is refused', async (scripts) => {
      const tab = await open(scripts)
      await write(tab, 0)
      const refusals = await tab.evaluate(() => {
        store.close()
        store.close()
        const calls = [
          () => store.read('key'),
          () => store.cas('key', { epoch: 0, data: '' }, 1),
          () => store.lease('key', 'me', 60_000),
          () => store.release('key', 'me', 1),
          async () => store.watch?.('key', () => undefined),
        ]
        return Promise.all(calls.map((call) => call().catch(({ code, message }) => `${code}: ${message}`)))
      })
      expect(new Set(refusals)).toEqual(new Set(['InvalidParameter: the store is closed']))
    })
  })
})
