import { fullBrowserIsMissing, launchFullBrowser } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lease, release, startTabs, type Tab, type Tabs, write } from './tabs.test-helper.ts'

declare global {
  /** The number of calls of the watcher in the tab. */
  var calls: number
}

/* These tests need a full browser, because a headless shell has no back/forward cache. */

describe.skipIf(fullBrowserIsMissing)(`the back/forward cache ${fullBrowserIsMissing || ''}`, () => {
  let tabs: Tabs
  beforeAll(async () => {
    tabs = await startTabs({}, launchFullBrowser)
  })
  afterAll(() => tabs?.close())

  /** Shows another page in a tab, runs a function, and returns to the cached page. */
  async function leave(tab: Tab, run: () => Promise<void>): Promise<void> {
    await tab.evaluate(() => {
      calls = 0
    })
    await tab.goto(`${tabs.origin}/elsewhere`)
    await run()
    const back = tab.waitForURL('**/one', { waitUntil: 'commit' })
    // The page may be unloaded before it returns a result.
    await tab.evaluate(() => history.back()).catch(() => undefined)
    await back
    // This is the cached page: a page that was loaded again would have no counter.
    expect(await tab.evaluate(() => typeof calls)).toBe('number')
  }
  const isCalledAgain = (tab: Tab, before: number) => tab.waitForFunction((before) => calls > before, before)

  it('restores a page that watches its record, and reports a possible change', async () => {
    const context = await tabs.context()
    const one = await tabs.open(context, [], '/one')
    const other = await tabs.open(context, [], '/other')
    await write(one, 0)
    await one.evaluate(() => store.watch?.('key', () => calls++))
    await leave(one, async () => undefined)
    await isCalledAgain(one, 0)
    const before = await one.evaluate(() => calls)
    await write(other, 1)
    await isCalledAgain(one, before)
    expect(await one.evaluate(() => store.read('key'))).toMatchObject({ rev: 2 })
  })

  it('restores a page that held a lease, which it lost at once', async () => {
    const context = await tabs.context()
    const one = await tabs.open(context, [], '/one')
    const other = await tabs.open(context, [], '/other')
    expect(await lease(one, 'one')).toBe(1)
    await leave(one, async () => {
      expect(await lease(other, 'other')).toBe(2)
      expect(await other.evaluate(() => store.isOwnerGone?.('one'))).toBe(true)
      await release(other, 'other', 2)
    })
    expect(await lease(one, 'one')).toBe(3)
    expect(await other.evaluate(() => store.isOwnerGone?.('one'))).toBe(false)
  })
})
