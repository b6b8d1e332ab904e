import { measureSlowness } from 'shared/time'
import { expect, it } from 'vitest'
import type { SessionTabs, Tab, TabsOptions } from './session-tabs.ts'

const hour = 3_600_000

/** The features of a browser that a session can use. */
export interface BrowserFeatures extends TabsOptions {
  /** Whether `localStorage` is full. */
  isFull?: boolean
  /** Whether the store is slow. */
  isSlow?: boolean
}

/** Removes Web Locks from a page. */
export function withoutWebLocks(): void {
  Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })
}

/** Lets a page throw at each use of IndexedDB. */
export function withoutIndexedDB(): void {
  Object.defineProperty(globalThis, 'indexedDB', {
    get() {
      throw new DOMException('denied', 'SecurityError')
    },
  })
}

/** Opens six tabs that have read the token of one sign-in. */
export async function openSignedIn(tabs: SessionTabs, options?: TabsOptions): Promise<Tab[]> {
  const opened = await tabs.open(6, options)
  await opened[0]?.call('setToken', await tabs.signIn())
  await getAllTokens(opened, 1)
  return opened
}

/** Gets the tokens of a number of callers in each tab. */
export async function getAllTokens(opened: readonly Tab[], callers: number) {
  return Promise.all(opened.map((tab) => tab.call('getTokens', callers)))
}

/** Asserts that times are at most `max` milliseconds apart, scaled by the slowness of the machine. */
export async function expectWithin(max: number, times: readonly number[]): Promise<void> {
  const spread = Math.max(...times) - Math.min(...times)
  expect(spread).toBeLessThanOrEqual(max * (await measureSlowness()))
}

/** Defines a test for each browser: six tabs refresh an expired token once and share the new token. */
export function testOneRefresh(
  browsers: readonly (readonly [name: string, features: BrowserFeatures])[],
  tabsOf: () => SessionTabs,
): void {
  it.each(browsers)('refresh an expired token once and share the new token, %s', async (_name, options) => {
    const tabs = tabsOf()
    const opened = await openSignedIn(tabs, options)
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
}
