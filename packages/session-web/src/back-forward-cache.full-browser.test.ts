import { fullBrowserIsMissing, launchFullBrowser } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTabs, type Tab, type Tabs, write } from './tabs.test-helper.ts'

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

  it('restores a page that still watches its record', async () => {
    const context = await tabs.context()
    const one = await tabs.open(context, [], '/one')
    const other = await tabs.open(context, [], '/other')
    const isCalled = (tab: Tab, times: number) => tab.waitForFunction((times) => calls === times, times)
    await write(one, 0)
    await one.evaluate(() => {
      calls = 0
      store.watch?.('key', () => calls++)
    })
    await one.goto(`${tabs.origin}/elsewhere`)
    const back = one.waitForURL('**/one', { waitUntil: 'commit' })
    // The page may be unloaded before it returns a result.
    await one.evaluate(() => history.back()).catch(() => undefined)
    await back
    // This is the cached page: a page that was loaded again would have no counter.
    await isCalled(one, 0)
    await write(other, 1)
    await isCalled(one, 1)
    expect(await one.evaluate(() => store.read('key'))).toMatchObject({ rev: 2 })
  })
})
