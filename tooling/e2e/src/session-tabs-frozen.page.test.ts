import { browserIsMissing, freezePage } from 'shared/browser'
import { measureSlowness } from 'shared/time'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SessionTabs, type Tab } from './tabs/session-tabs.ts'

/*
 * A tab that stands still while it holds the lease and the Web Lock of its session, with the times that sessions have by
 * default.
 */

const hour = 3_600_000

describe.skipIf(browserIsMissing)(`a frozen tab ${browserIsMissing || ''}`, () => {
  let tabs: SessionTabs

  beforeAll(async () => {
    tabs = await SessionTabs.start()
  })

  afterAll(() => tabs?.close())

  it('holds up the others no longer than its lease, and changes nothing when it thaws', async () => {
    // The default times of sessions.
    const opened = await tabs.open(6, { limits: {} })
    const [frozen, ...others] = opened as [Tab, ...Tab[]]
    await frozen.call('setToken', await tabs.signIn())
    await Promise.all(opened.map((tab) => tab.call('ask', 1)))
    const before = tabs.refreshes
    await tabs.advance(opened, 2 * hour)
    await frozen.call('holdNextLease')
    const thawed = frozen.call('ask', 10)
    await frozen.page.waitForFunction('tab.isHolding')
    const thaw = await freezePage(frozen.page)
    const frozenAt = Date.now()

    const asked = await Promise.all(others.map((tab) => tab.call('ask', 10)))
    expect(asked.flatMap(({ errors }) => errors)).toEqual([])
    expect(new Set(asked.flatMap(({ access_tokens }) => access_tokens)).size).toBe(1)
    const slowness = await measureSlowness()
    for (const { at } of asked) {
      // It was not the end of its lock that let them go on.
      expect(at - frozenAt).toBeGreaterThan(25_000)
      // The lease is for 30 s.
      expect(at - frozenAt).toBeLessThanOrEqual(30_000 + 5000 * slowness)
    }

    thaw()
    await frozen.call('letGo')
    expect(await thawed).toMatchObject({ access_tokens: asked[0]?.access_tokens, errors: [] })
    const after = await Promise.all(opened.map((tab) => tab.call('ask', 1)))
    for (const { access_tokens } of after) expect(access_tokens).toEqual(asked[0]?.access_tokens)
    expect(tabs.refreshes - before).toBe(1)
    expect(tabs.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })
})
