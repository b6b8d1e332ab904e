import { browserIsMissing } from 'shared/browser'
import { measureSlowness } from 'shared/time'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { SessionTabs, type Tab, type TabsOptions } from './tabs/session-tabs.ts'

/*
 * One session in six tabs of a real browser, against the domain.
 */

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

/** Each way in which a browser can keep a session. */
const browsers: [name: string, options: TabsOptions & { isFull?: boolean; isSlow?: boolean }][] = [
  ['with all that browsers have', {}],
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

  /** Six tabs that know the token of one sign-in. */
  async function openSignedIn(options?: TabsOptions): Promise<Tab[]> {
    const opened = await tabs.open(6, options)
    await opened[0]?.call('setToken', await tabs.signIn())
    await askAll(opened, 1)
    return opened
  }

  async function askAll(opened: readonly Tab[], callers: number) {
    return Promise.all(opened.map((tab) => tab.call('ask', callers)))
  }

  /** Asserts that times are at most so many milliseconds apart, scaled by the slowness of the machine. */
  async function expectWithin(most: number, times: readonly number[]): Promise<void> {
    const spread = Math.max(...times) - Math.min(...times)
    expect(spread).toBeLessThanOrEqual(most * (await measureSlowness()))
  }

  it.each(browsers)('%s refresh an expired token once, and all have the same one', async (_name, options) => {
    const opened = await openSignedIn(options)
    expect(await Promise.all(opened.map((tab) => tab.call('scope')))).toEqual(Array(6).fill('origin'))
    if (options.isFull) expect(await opened[0]?.call('fillLocalStorage')).toBeGreaterThan(0)
    const [before, dead] = [tabs.refreshes, tabs.emulator.invalidTokenUses]
    // Each refresh token is longer in the record than the one before it, where something is left to be written.
    for (let rotation = 1; rotation <= 2; rotation++) {
      await tabs.advance(opened, 2 * hour)
      const asked = await askAll(opened, 20)
      expect(asked.flatMap(({ errors }) => errors)).toEqual([])
      expect(new Set(asked.flatMap(({ access_tokens }) => access_tokens)).size).toBe(1)
      expect(tabs.refreshes - before).toBe(rotation)
      // localStorage needs its time for each write, and they are in a queue.
      await expectWithin(
        options.isSlow ? 4000 : 1000,
        asked.map(({ at }) => at),
      )
    }
    expect(tabs.emulator.invalidTokenUses).toEqual(dead)
    const statuses = opened.map((tab) => tab.call('callApi', `${tabs.emulator.api_endpoint}/v2/user/get`))
    expect(await Promise.all(statuses)).toEqual(Array(6).fill(200))
  })

  it('learn of what one of them does, also where nobody asks them', async () => {
    const opened = await openSignedIn()
    const [first, ...others] = opened as [Tab, ...Tab[]]
    const told = async (type: string, by: string, tab: Tab) => {
      const handle = await tab.page.waitForFunction(
        ([type, by]) => {
          const { told } = (
            globalThis as unknown as { tab: { told: { type: string; by: string; at: number }[] } }
          ).tab
          return told.find((event) => event.type === type && event.by === by)
        },
        [type, by] as const,
      )
      return (await handle.jsonValue())?.at ?? Number.NaN
    }
    const allTold = (type: string) =>
      Promise.all([told(type, 'this', first), ...others.map((tab) => told(type, 'another', tab))])
    // What the sign-in has told them.
    await allTold('refreshed')
    for (const { page } of opened) await page.evaluate('tab.told.length = 0')
    await tabs.advance(opened, 2 * hour)
    await first.call('ask', 1)
    await expectWithin(1000, await allTold('refreshed'))
    expect(await first.call('signOut')).toEqual({ revoked: true })
    await expectWithin(1000, await allTold('signed_out'))
    for (const { errors } of await askAll(opened, 1)) {
      expect(errors).toEqual([{ code: 'LoginRequired', cause: 'signed_out' }])
    }
    await others[0]?.call('setToken', await tabs.signIn())
    const asked = await askAll(opened, 1)
    expect(new Set(asked.flatMap(({ access_tokens }) => access_tokens)).size).toBe(1)
  })

  it('refresh at once when the one that was about to is closed', async () => {
    // The lease outlasts every wait: a tab that waits for its end fails.
    const opened = await openSignedIn()
    const [first, ...others] = opened as [Tab, ...Tab[]]
    const [before, dead] = [tabs.refreshes, tabs.emulator.invalidTokenUses]
    await tabs.advance(opened, 2 * hour)
    await first.call('holdNextLease')
    first.call('ask', 1).catch(() => undefined)
    await first.page.waitForFunction('tab.isHolding')
    const asking = askAll(others, 10)
    await first.page.close()
    const asked = await asking
    expect(asked.flatMap(({ errors }) => errors)).toEqual([])
    expect(tabs.refreshes - before).toBe(1)
    expect(tabs.emulator.invalidTokenUses).toEqual(dead)
  })

  it('let a listener ask for the token, and throw', async () => {
    const [one, ...others] = await openSignedIn()
    const heard = one?.call('askFromListener')
    await tabs.advance([one as Tab, ...others], 2 * hour)
    const asked = await one?.call('ask', 1)
    expect(await heard).toBe(asked?.access_tokens[0])
  })

  it('send nothing while they are offline, and refresh once when they are back', async () => {
    const opened = await openSignedIn()
    const [before, dead] = [tabs.refreshes, tabs.emulator.invalidTokenUses]
    const context = opened[0]?.page.context()
    const sent: string[] = []
    context?.on('request', (request) => sent.push(request.url()))
    await context?.setOffline(true)
    await tabs.advance(opened, 3 * hour)
    const asking = askAll(opened, 10)
    const lookAgain = opened.map(async (tab) => {
      const looks = await tab.get('looks')
      await tab.page.waitForFunction(`tab.looks > ${looks + 3}`)
    })
    await Promise.all(lookAgain)
    expect(sent).toEqual([])
    await context?.setOffline(false)
    const onlineAt = Date.now()
    const asked = await asking
    expect(asked.flatMap(({ errors }) => errors)).toEqual([])
    await expectWithin(5000, [onlineAt, ...asked.map(({ at }) => at)])
    expect(tabs.refreshes - before).toBe(1)
    expect(tabs.emulator.invalidTokenUses).toEqual(dead)
  })
})
