import { type BrowserContext, bundleForPage, launchBrowser, type Page, servePages } from 'shared/browser'

/* Tabs that load the package. Functions that tests run in a tab can use the globals of the tab only. */

export type Context = BrowserContext
export type Tab = Page

declare global {
  /** The exports of the bundle. */
  var exported: typeof import('@pds/session-web') &
    Pick<typeof import('@pds/session'), 'createSession' | 'encryptedStore'> &
    Pick<typeof import('@pds/session/testing'), 'storeTests'>
  /** The time of the store of `useStoppedClock`, in milliseconds. */
  var now: number
  /** How many reads of `localStorage` still miss the last writes of other tabs, for `lateReads`. */
  var staleReads: number
  /** The number of reads of `localStorage` in the tab. */
  var reads: number
  /** Returns the number of listeners of an event, with `listenerSpy`. */
  var listenersOf: (type: string) => number
  /** The store of the tab. */
  var store: ReturnType<typeof exported.webStore>
}

export interface Tabs {
  origin: string
  /** Opens a tab. Tabs of one context share their storage. `scripts` run before all other scripts of the tab. */
  open(context: Context, scripts?: readonly string[], path?: string): Promise<Tab>
  /** Creates a browser context with separate storage. */
  context(): Promise<Context>
  close(): Promise<void>
}

/** Init scripts that remove a feature of the browser. */
export const withoutLocks = 'delete Navigator.prototype.locks'
export const withoutIndexedDB =
  "IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError') }"
export const withoutLocalStorage =
  "Object.defineProperty(globalThis, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError') } })"

/** An init script that counts the reads of `localStorage`, and lets `delayReads` delay them. */
export const lateReads = `globalThis.reads = 0
  globalThis.staleReads = 0
  const { getItem } = Storage.prototype
  Storage.prototype.getItem = function (name) {
    reads++
    return staleReads-- > 0 ? (staleItems[name] ?? null) : getItem.call(this, name)
  }`

/** Hides the writes of other tabs from the next reads of `localStorage`, like on a busy machine. */
export function delayReads(tab: Tab): Promise<void> {
  return tab.evaluate('globalThis.staleItems = { ...localStorage }; staleReads = 20')
}

/** An init script that counts the listeners of the window. */
export const listenerSpy = `{
  const added = []
  const { addEventListener, removeEventListener } = window
  window.addEventListener = function (type, listener, options) {
    if (!added.some((other) => other.type === type && other.listener === listener)) added.push({ type, listener })
    addEventListener.call(this, type, listener, options)
  }
  window.removeEventListener = function (type, listener, options) {
    const index = added.findIndex((other) => other.type === type && other.listener === listener)
    if (index >= 0) added.splice(index, 1)
    removeEventListener.call(this, type, listener, options)
  }
  window.listenersOf = (type) => added.filter((other) => other.type === type).length
}`

/** The error of a call when the storage of the origin is full. */
export const full =
  'Error: web storage "pds-sessions": QuotaExceededError: the storage is full: free space and retry'

/** Replaces the store of a tab with a store whose clock is `now`, so that no lease expires during a test. */
function useStoppedClock(tab: Tab): Promise<void> {
  return tab.evaluate(() => {
    now = 1_000_000
    store = exported.webStore({ clock: () => now })
  })
}

/** Stops the clock of a context. Only the test advances it. */
export async function stopClock(tab: Tab): Promise<void> {
  await tab.clock.install({ time: 0 })
  // The clock has been running since `install`. A day is later than any time that it can reach, even on a busy machine.
  await tab.clock.pauseAt(24 * 3_600_000)
}

/** Calls `compareAndSet` with an expected revision. Returns the result, or the message of the error. */
export function write(tab: Tab, rev: number, length = 5000): Promise<boolean | string> {
  return tab.evaluate(
    ([rev, length]) =>
      store
        .compareAndSet('key', { epoch: 0, data: 'secret'.padEnd(length, `${rev}`) }, rev)
        .catch((error) => `${error}`),
    [rev, length] as const,
  )
}

/** Returns the revision of that record. */
export function revOf(tab: Tab): Promise<number | undefined> {
  return tab.evaluate(async () => (await store.read('key'))?.rev)
}

/** Opens 1, 2 or 3 tabs of one context, which share their storage. The clocks of their stores are stopped. */
export async function openWithStoppedClock(
  tabs: Tabs,
  count: number,
  scripts: readonly string[] = [],
): Promise<[Tab, Tab, Tab]> {
  const context = await tabs.context()
  const opened = await Promise.all(Array.from({ length: count }, () => tabs.open(context, scripts)))
  await Promise.all(opened.map(useStoppedClock))
  return opened as [Tab, Tab, Tab]
}

/** Requests a lease of a key, for a minute by default. `ttl` is in milliseconds. Returns its fencing token. */
export function lease(tab: Tab, owner: string, ttl = 60_000): Promise<number | undefined> {
  return tab.evaluate(async ([owner, ttl]) => (await store.lease('key', owner, ttl))?.fence, [
    owner,
    ttl,
  ] as const)
}

/** Releases the lease. */
export function release(tab: Tab, owner: string, fence: number | undefined): Promise<void> {
  return tab.evaluate(([owner, fence]) => store.release('key', owner, fence ?? 0), [owner, fence] as const)
}

/** Replaces a field of the row of a key with the value of a script. */
export function damage(tab: Tab, field: 'record' | 'lease', script: string, key = 'key'): Promise<void> {
  return tab.evaluate(`new Promise((resolve, reject) => {
    const value = ${script}
    const id = '["pds-sessions","${key}"]'
    const item = localStorage.getItem(id)
    if (item) {
      localStorage.setItem(id, JSON.stringify({ ...JSON.parse(item), ${field}: value }))
      resolve()
      return
    }
    const request = indexedDB.open('pds-sessions', 1)
    request.onupgradeneeded = () => request.result.createObjectStore('rows')
    request.onsuccess = () => {
      const transaction = request.result.transaction('rows', 'readwrite')
      const rows = transaction.objectStore('rows')
      const found = rows.get('${key}')
      found.onsuccess = () => rows.put({ ...found.result, ${field}: value }, '${key}')
      transaction.oncomplete = () => {
        request.result.close()
        resolve()
      }
      transaction.onabort = () => reject(transaction.error)
    }
  })`)
}

/** Starts a browser and a server of pages that load the package. The server sends `headers`. */
export async function startTabs(
  headers: Record<string, string> = {},
  launch: typeof launchBrowser = launchBrowser,
): Promise<Tabs> {
  const script = await bundleForPage(
    `export * from '@pds/session-web'
    export { createSession, encryptedStore } from '@pds/session'
    export { storeTests } from '@pds/session/testing'`,
    import.meta.dirname,
    'exported',
  )
  const server = await servePages(`${script}; var now = Date.now(), store = exported.webStore()`, headers)
  const browser = await launch()
  return {
    origin: server.origin,
    async open(context, scripts = [], path = '/') {
      const tab = await context.newPage()
      for (const content of scripts) await tab.addInitScript({ content })
      await tab.goto(server.origin + path)
      return tab
    },
    context: () => browser.newContext(),
    async close() {
      await browser.close()
      await server.close()
    },
  }
}
