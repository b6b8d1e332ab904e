import { type BrowserContext, bundleForPage, launchBrowser, type Page, servePages } from 'shared/browser'

/* Tabs with the package in them. What the functions name that tests run in a tab stands there, and not here. */

export type Context = BrowserContext
export type Tab = Page

declare global {
  /** What the bundle exports. */
  var exported: typeof import('@pds/session-web') &
    Pick<typeof import('@pds/session'), 'createSession' | 'encrypted'> &
    Pick<typeof import('@pds/session/testing'), 'storeTests'>
  /** What the clock of a store says that tests made with it, in milliseconds. */
  var now: number
  /** Whether the tab does not see what others write. */
  var isLate: boolean
  /** How often it has looked. */
  var looks: number
  /** A store of the tab, made when it was opened. */
  var store: ReturnType<typeof exported.webStore>
}

export interface Tabs {
  origin: string
  /** Opens a tab; those of one context share what they store. Scripts run in it before all others. */
  open(context: Context, scripts?: readonly string[], path?: string): Promise<Tab>
  /** A context of its own: nothing of another one is seen in it. */
  context(): Promise<Context>
  close(): Promise<void>
}

/** Init scripts for what a browser may lack. */
export const withoutLocks = 'delete Navigator.prototype.locks'
export const withoutIndexedDB =
  "IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError') }"
export const withoutLocalStorage =
  "Object.defineProperty(globalThis, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError') } })"

/** What a call rejects with where the storage of the origin is full. */
export const full =
  'Error: web storage "pds-sessions": QuotaExceededError: the storage of this origin is full: make room in it, and go on'

/** Gives a tab a store whose clock stands still: no time of a lease is over by itself. */
function useStoppedClock(tab: Tab): Promise<void> {
  return tab.evaluate(() => {
    now = 1_000_000
    store = exported.webStore({ clock: () => now })
  })
}

/** Lets the time of a context stand still, but for what a test lets go by. */
export async function stopClock(tab: Tab): Promise<void> {
  await tab.clock.install({ time: 0 })
  // Until now it has gone on: it must not be past that on a busy machine.
  await tab.clock.pauseAt(24 * 3_600_000)
}

/** Writes over a revision of a record. Gives what that gives, or the message of its error. */
export function write(tab: Tab, rev: number, length = 5000): Promise<boolean | string> {
  return tab.evaluate(
    ([rev, length]) =>
      store
        .cas('key', { epoch: 0, data: 'secret'.padEnd(length, `${rev}`) }, rev)
        .catch((error) => `${error}`),
    [rev, length] as const,
  )
}

/** The revision of that record. */
export function revOf(tab: Tab): Promise<number | undefined> {
  return tab.evaluate(async () => (await store.read('key'))?.rev)
}

/** Opens tabs of one context, which share what they store, with stores whose clocks stand still: of 1, 2 or 3. */
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

/** Asks for the lease of a key, for a minute by default. In milliseconds. */
export function lease(tab: Tab, owner: string, ttl = 60_000): Promise<number | undefined> {
  return tab.evaluate(([owner, ttl]) => store.lease('key', owner, ttl), [owner, ttl] as const)
}

/** Gives it back. */
export function release(tab: Tab, owner: string, fence: number | undefined): Promise<void> {
  return tab.evaluate(([owner, fence]) => store.release('key', owner, fence ?? 0), [owner, fence] as const)
}

/** Starts a browser, and a server of pages with the package; of those with the headers given. */
export async function startTabs(
  headers: Record<string, string> = {},
  launch: typeof launchBrowser = launchBrowser,
): Promise<Tabs> {
  const script = await bundleForPage(
    `export * from '@pds/session-web'
    export { createSession, encrypted } from '@pds/session'
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
