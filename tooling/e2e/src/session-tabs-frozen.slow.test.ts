import { browserIsMissing, freezePage } from 'shared/browser'
import { measureSlowness } from 'shared/time'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SessionTabs, type Tab } from './tabs/session-tabs.ts'

/* A tab that is frozen while it holds the lease and the Web Lock of its session, with the default times of sessions. */

const hour = 3_600_000

describe.skipIf(browserIsMissing)(`a frozen tab ${browserIsMissing || ''}`, () => {
  let tabs: SessionTabs

  beforeAll(async () => {
    tabs = await SessionTabs.start()
  })

  afterAll(() => tabs?.close())

  it('delays other tabs only until its lease expires, and changes nothing when it resumes', async () => {
    // The default times of sessions.
    const opened = await tabs.open(6, { limits: {} })
    const [frozen, ...others] = opened as [Tab, ...Tab[]]
    await frozen.call('setToken', await tabs.signIn())
    await Promise.all(opened.map((tab) => tab.call('getTokens', 1)))
    const before = tabs.refreshes
    await tabs.advance(opened, 2 * hour)
    const heldAt = Date.now()
    await frozen.call('holdNextLease')
    const resumed = frozen.call('getTokens', 10)
    await frozen.page.waitForFunction('tab.isHolding')
    const thaw = await freezePage(frozen.page)
    const frozenAt = Date.now()

    const results = await Promise.all(others.map((tab) => tab.call('getTokens', 10)))
    expect(results.flatMap(({ errors }) => errors)).toEqual([])
    expect(new Set(results.flatMap(({ access_tokens }) => access_tokens)).size).toBe(1)
    const slowness = await measureSlowness()
    for (const { at } of results) {
      // The tabs continued because the lease expired, not because the lock was released.
      expect(at - heldAt).toBeGreaterThan(29_000)
      // The lease lasts 30 s.
      expect(at - frozenAt).toBeLessThanOrEqual(30_000 + 5000 * slowness)
    }

    thaw()
    await frozen.call('releaseHold')
    expect(await resumed).toMatchObject({ access_tokens: results[0]?.access_tokens, errors: [] })
    const after = await Promise.all(opened.map((tab) => tab.call('getTokens', 1)))
    for (const { access_tokens } of after) expect(access_tokens).toEqual(results[0]?.access_tokens)
    expect(tabs.refreshes - before).toBe(1)
    expect(tabs.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })
})
