import { browserIsMissing } from 'shared/browser'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  type BrowserFeatures,
  expectWithin,
  getAllTokens,
  openSignedIn,
  testOneRefresh,
  withoutIndexedDB,
  withoutWebLocks,
} from './tabs/one-refresh.ts'
import { SessionTabs, type Tab } from './tabs/session-tabs.ts'

/* One session in six tabs of a real browser. */

const hour = 3_600_000

/** Combinations of browser features that a session can use. The slow test has those with a full localStorage. */
const browsers: [name: string, features: BrowserFeatures][] = [
  ['with all features', {}],
  ['encrypted', { isEncrypted: true }],
  ['without Web Locks', { initScript: withoutWebLocks }],
  ['without IndexedDB', { initScript: withoutIndexedDB, isSlow: true }],
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

  testOneRefresh(browsers, () => tabs)

  it('receive the events of another tab without a call', async () => {
    const opened = await openSignedIn(tabs)
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
    const opened = await openSignedIn(tabs)
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
    const [one, ...others] = await openSignedIn(tabs)
    const fromListener = one?.call('getTokenFromListener')
    await tabs.advance([one as Tab, ...others], 2 * hour)
    const result = await one?.call('getTokens', 1)
    expect(await fromListener).toBe(result?.access_tokens[0])
  })

  it('wait while offline and refresh once when online again', async () => {
    const opened = await openSignedIn(tabs)
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
