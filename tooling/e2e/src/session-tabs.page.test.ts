import { browserIsMissing } from 'shared/browser'
import { measureSlowness } from 'shared/time'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { SessionTabs, type Tab, type TabsOptions } from './tabs/session-tabs.ts'

/* One session in six tabs of a real browser. */

const hour = 3_600_000

function withoutWebLocks(): void {
  Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })
}

function withoutIndexedDB(): void {
  Object.defineProperty(globalThis, 'indexedDB', {
    get() {
      throw new DOMException('denied', 'SecurityError')
    },
  })
}

/** Each combination of browser features that a session can use. */
const browsers: [name: string, options: TabsOptions & { isFull?: boolean; isSlow?: boolean }][] = [
  ['with all features', {}],
  ['encrypted', { isEncrypted: true }],
  ['without Web Locks', { initScript: withoutWebLocks }],
  ['without Web Locks, with a full localStorage', { initScript: withoutWebLocks, isFull: true }],
  ['without IndexedDB', { initScript: withoutIndexedDB, isSlow: true }],
  [
    'without IndexedDB, with a full localStorage',
    { initScript: withoutIndexedDB, isFull: true, isSlow: true },
  ],
]

describe.skipIf(browserIsMissing)(`six tabs ${browserIsMissing || ''}`, () => {
  let tabs: SessionTabs

  beforeAll(async () => {
    tabs = await SessionTabs.start()
  })

  afterEach(async () => {
    expect(await tabs?.closeTabs()).toEqual([])
  })

  afterAll(() => tabs?.close())

  /** Opens six tabs that have read the token of one sign-in. */
  async function openSignedIn(options?: TabsOptions): Promise<Tab[]> {
    const opened = await tabs.open(6, options)
    await opened[0]?.call('setToken', await tabs.signIn())
    await getAllTokens(opened, 1)
    return opened
  }

  async function getAllTokens(opened: readonly Tab[], callers: number) {
    return Promise.all(opened.map((tab) => tab.call('getTokens', callers)))
  }

  /** Asserts that times are at most `max` milliseconds apart, scaled by the slowness of the machine. */
  async function expectWithin(max: number, times: readonly number[]): Promise<void> {
    const spread = Math.max(...times) - Math.min(...times)
    expect(spread).toBeLessThanOrEqual(max * (await measureSlowness()))
  }

  it.each(browsers)('refresh an expired token once and share the new token, %s', async (_name, options) => {
    const opened = await openSignedIn(options)
    expect(await Promise.all(opened.map((tab) => tab.call('scope')))).toEqual(Array(6).fill('origin'))
    if (options.isFull) expect(await opened[0]?.call('fillLocalStorage')).toBeGreaterThan(0)
    const [before, invalidUses] = [tabs.refreshes, tabs.emulator.invalidTokenUses]
    // Twice, because a rotated record can be longer than the first record and must still fit into a full storage.
    for (let rotation = 1; rotation <= 2; rotation++) {
      await tabs.advance(opened, 2 * hour)
      const results = await getAllTokens(opened, 20)
      expect(results.flatMap(({ errors }) => errors)).toEqual([])
      expect(new Set(results.flatMap(({ access_tokens }) => access_tokens)).size).toBe(1)
      expect(tabs.refreshes - before).toBe(rotation)
      // Writes to localStorage are slow and queued.
      await expectWithin(
        options.isSlow ? 4000 : 1000,
        results.map(({ at }) => at),
      )
    }
    expect(tabs.emulator.invalidTokenUses).toEqual(invalidUses)
    const statuses = opened.map((tab) => tab.call('callApi', `${tabs.emulator.api_endpoint}/v2/user/get`))
    expect(await Promise.all(statuses)).toEqual(Array(6).fill(200))
  })

  it('receive the events of another tab without a call', async () => {
    const opened = await openSignedIn()
    const [first, ...others] = opened as [Tab, ...Tab[]]
    const eventTime = async (type: string, by: string, tab: Tab) => {
      const handle = await tab.page.waitForFunction(
        ([type, by]) => {
          const { events } = (
            globalThis as unknown as { tab: { events: { type: string; by: string; at: number }[] } }
          ).tab
          return events.find((event) => event.type === type && event.by === by)
        },
        [type, by] as const,
      )
      return (await handle.jsonValue())?.at ?? Number.NaN
    }
    const eventTimes = (type: string) =>
      Promise.all([eventTime(type, 'this', first), ...others.map((tab) => eventTime(type, 'another', tab))])
    // The events of the sign-in.
    await eventTimes('refreshed')
    for (const { page } of opened) await page.evaluate('tab.events.length = 0')
    await tabs.advance(opened, 2 * hour)
    await first.call('getTokens', 1)
    await expectWithin(1000, await eventTimes('refreshed'))
    expect(await first.call('signOut')).toEqual({ revoked: true })
    await expectWithin(1000, await eventTimes('signed_out'))
    for (const { errors } of await getAllTokens(opened, 1)) {
      expect(errors).toEqual([{ code: 'LoginRequired', cause: 'signed_out' }])
    }
    await others[0]?.call('setToken', await tabs.signIn())
    const results = await getAllTokens(opened, 1)
    expect(new Set(results.flatMap(({ access_tokens }) => access_tokens)).size).toBe(1)
  })

  it('refresh immediately when the tab with the lease is closed', async () => {
    // The lease outlasts every wait, so a tab that waits for its expiry fails.
    const opened = await openSignedIn()
    const [first, ...others] = opened as [Tab, ...Tab[]]
    const [before, invalidUses] = [tabs.refreshes, tabs.emulator.invalidTokenUses]
    await tabs.advance(opened, 2 * hour)
    await first.call('holdNextLease')
    first.call('getTokens', 1).catch(() => undefined)
    await first.page.waitForFunction('tab.isHolding')
    const pending = getAllTokens(others, 10)
    await first.page.close()
    const results = await pending
    expect(results.flatMap(({ errors }) => errors)).toEqual([])
    expect(tabs.refreshes - before).toBe(1)
    expect(tabs.emulator.invalidTokenUses).toEqual(invalidUses)
  })

  it('let a listener request the token and throw', async () => {
    const [one, ...others] = await openSignedIn()
    const fromListener = one?.call('getTokenFromListener')
    await tabs.advance([one as Tab, ...others], 2 * hour)
    const result = await one?.call('getTokens', 1)
    expect(await fromListener).toBe(result?.access_tokens[0])
  })

  it('wait while offline and refresh once when online again', async () => {
    const opened = await openSignedIn()
    const [before, invalidUses] = [tabs.refreshes, tabs.emulator.invalidTokenUses]
    const context = opened[0]?.page.context()
    await context?.setOffline(true)
    await tabs.advance(opened, 3 * hour)
    const pending = getAllTokens(opened, 10)
    const readAgain = opened.map(async (tab) => {
      const reads = await tab.get('reads')
      await tab.page.waitForFunction(`tab.reads > ${reads + 3}`)
    })
    await Promise.all(readAgain)
    expect(tabs.refreshes - before).toBe(0)
    await context?.setOffline(false)
    const onlineAt = Date.now()
    const results = await pending
    expect(results.flatMap(({ errors }) => errors)).toEqual([])
    await expectWithin(5000, [onlineAt, ...results.map(({ at }) => at)])
    expect(tabs.refreshes - before).toBe(1)
    expect(tabs.emulator.invalidTokenUses).toEqual(invalidUses)
  })
})
