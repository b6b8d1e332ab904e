import { fullBrowserIsMissing, launchFullBrowser, limitStorage } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { full, revOf, startTabs, type Tabs, write } from './tabs.test-helper.ts'

/* These tests need a full browser, because a headless shell reports no quota error. */

describe.skipIf(fullBrowserIsMissing)(`a full IndexedDB ${fullBrowserIsMissing || ''}`, () => {
  let tabs: Tabs
  beforeAll(async () => {
    tabs = await startTabs({}, launchFullBrowser)
  })
  afterAll(() => tabs?.close())

  it('rejects calls until there is space again', async () => {
    const tab = await tabs.open(await tabs.context())
    // Chromium counts 74 kB for an empty database, and checks the quota before each write.
    await limitStorage(tab, 100_000)
    expect(await write(tab, 0)).toBe(true)
    let [rev, length] = [1, 10_000]
    for (; (await write(tab, rev, length)) === true; rev++) length *= 2
    expect(await write(tab, rev, length)).toBe(full)
    expect(await revOf(tab)).toBe(rev)
    const lease = () =>
      tab.evaluate(() =>
        store.lease('key', 'me', 60_000).then(
          (lease) => lease?.fence,
          (error) => `${error}`,
        ),
      )
    const leased = await lease()
    // A row this short may still fit.
    expect([1, full]).toContain(leased)
    await limitStorage(tab)
    expect(await write(tab, rev, length)).toBe(true)
    expect(await lease()).toBe(leased === 1 ? 2 : 1)
  })
})
