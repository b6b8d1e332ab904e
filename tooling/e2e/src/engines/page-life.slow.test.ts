import { engines, waitForValue } from 'shared/engines'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { TokenResults } from '../tabs/tab.ts'
import type { HoldPoint } from './refresh-gate.ts'
import { SessionBrowser, type SessionTab } from './session-browser.ts'

/* A session whose page is unloaded, and perhaps restored from the back/forward cache. */

// This listener is older than the listeners of the session, as in an application that opens its session late.
const getTokensWhenRestored = `addEventListener('pageshow', async ({ persisted }) => {
  if (persisted) globalThis.restored = { results: await tab.getTokens(1) }
});`
const withoutChannel = "Object.defineProperty(globalThis, 'BroadcastChannel', { value: undefined });"

/** Goes to another page of the origin. */
async function leave(tab: SessionTab): Promise<void> {
  const { href } = new URL('/elsewhere', await tab.evaluate('location.href'))
  await tab.goto(href)
}

/** Requests a token after the return to a page. A page that was not kept in the back/forward cache is a new page. */
async function getTokensAfterReturn(tab: SessionTab): Promise<TokenResults & { isKept: boolean }> {
  const isKept = await tab.evaluate<boolean>("'startedCalls' in globalThis")
  if (isKept) return { isKept, ...(await waitForValue<TokenResults>(tab, 'globalThis.restored?.results')) }
  await tab.openSession()
  return { isKept, ...(await tab.call('getTokens', 1)) }
}

for (const engine of engines) {
  describe.skipIf(engine.isMissing)(`a page in ${engine.name} ${engine.isMissing || ''}`, () => {
    let browser: SessionBrowser

    beforeAll(async () => {
      browser = await SessionBrowser.start(engine)
    })

    afterEach(() => browser?.closeTabs())
    afterAll(() => browser?.close())

    /** Reloads the only tab while its refresh is held. Returns what the next page gets. */
    async function reloadDuringRefresh(point: HoldPoint) {
      const [tab] = (await browser.openExpired(1)) as [SessionTab]
      const before = browser.count()
      const held = browser.gate.holdNext(point)
      await tab.start('getTokens', 1)
      await held.arrived
      await tab.reload()
      held.cut()
      await tab.openSession()
      const { errors, access_tokens } = await tab.call('getTokens', 1)
      return { errors, tokens: access_tokens.length, ...browser.countSince(before) }
    }

    it.each(['headers', 'request'] as const)(
      'sends nothing more after a reload during its refresh, and the next page refreshes (held: %s)',
      async (point) => {
        for (let run = 1; run <= 3; run++) {
          const result = await reloadDuringRefresh(point)
          expect(result).toEqual({ errors: [], tokens: 1, sent: 2, received: 1, invalid: 0 })
          await browser.closeTabs()
        }
      },
    )

    it('lets the next page refresh after a reload before its request', async () => {
      const [tab] = (await browser.openExpired(1)) as [SessionTab]
      const before = browser.count()
      await tab.call('holdNextLease')
      await tab.start('getTokens', 1)
      await waitForValue(tab, 'tab.isHolding || undefined')
      await tab.reload()
      await tab.openSession()
      expect(await tab.call('getTokens', 1)).toMatchObject({ errors: [] })
      expect(browser.countSince(before)).toEqual({ sent: 1, received: 1, invalid: 0 })
    })

    it('requires a login at once after a reload if its refresh reached the service', async () => {
      // A page that does not know that the first page is gone waits for ten minutes.
      expect(await reloadDuringRefresh('response')).toEqual({
        errors: [{ code: 'LoginRequired', cause: 'lost_response' }],
        tokens: 0,
        sent: 2,
        received: 2,
        invalid: 1,
      })
    })

    it.each([
      ['the tab closes', (tab: SessionTab) => tab.close()],
      ['the user leaves', leave],
    ])('lets another tab refresh if %s during a refresh', async (_name, goAway) => {
      const [tab, other] = (await browser.openExpired(2)) as [SessionTab, SessionTab]
      const before = browser.count()
      const held = browser.gate.holdNext('request')
      await tab.start('getTokens', 1)
      await held.arrived
      await goAway(tab)
      expect(await other.call('getTokens', 1)).toMatchObject({ errors: [] })
      held.cut()
      expect(browser.countSince(before)).toEqual({ sent: 2, received: 1, invalid: 0 })
    })

    // WebKit keeps a page with a transaction of IndexedDB, which would block all other tabs.
    it('does not block other tabs by a call during its `pagehide` event', async () => {
      const [tab, other] = (await browser.openExpired(2)) as [SessionTab, SessionTab]
      await tab.evaluate("addEventListener('pagehide', () => { tab.readStatus() })")
      await leave(tab)
      expect(await other.call('getTokens', 1)).toMatchObject({ errors: [] })
    })

    it('gets a token if the user leaves during a refresh and returns', async () => {
      const [tab] = (await browser.openExpired(1, { initScript: getTokensWhenRestored })) as [SessionTab]
      const before = browser.count()
      const held = browser.gate.holdNext('request')
      await tab.start('getTokens', 1)
      await held.arrived
      await leave(tab)
      held.cut()
      await tab.back()
      expect(await getTokensAfterReturn(tab)).toMatchObject({ errors: [] })
      expect(browser.countSince(before)).toEqual({ sent: 2, received: 1, invalid: 0 })
    })

    // Firefox and WebKit cancel the requests of a page that begins a download, although the page stays.
    it('gets a token if it begins a download during a refresh', async () => {
      const [tab] = (await browser.openExpired(1)) as [SessionTab]
      const before = browser.count()
      const held = browser.gate.holdNext('request')
      const call = await tab.start('getTokens', 1)
      await held.arrived
      const requested = browser.gate.waitForDownload()
      await tab.evaluate(`location.assign('${browser.gate.api_endpoint}/download')`)
      await requested
      const next = await tab.start('getTokens', 1)
      held.cut()
      expect(await call.result()).toMatchObject({ errors: [] })
      expect(await next.result()).toMatchObject({ errors: [] })
      expect(browser.countSince(before)).toEqual({ sent: 2, received: 1, invalid: 0 })
    })

    describe.each([
      ['', ''],
      // With it, Chromium and Firefox drop a page from the cache when a message arrives.
      [' without BroadcastChannel', withoutChannel],
    ])('that is restored from the back/forward cache%s', (_name, initScript) => {
      /** Leaves a signed-in page, runs `meanwhile` in another tab, and returns to the page. */
      async function returnAfter(meanwhile: (other: SessionTab) => Promise<unknown>) {
        const options = { initScript: initScript + getTokensWhenRestored }
        const [tab, other] = (await browser.open(2, options)) as [SessionTab, SessionTab]
        await tab.call('setToken', await browser.signIn())
        await browser.getTokens([tab, other])
        await leave(tab)
        await meanwhile(other)
        await tab.back()
        const { isKept, ...results } = await getTokensAfterReturn(tab)
        if (initScript || engine.name === 'WebKit') expect(isKept).toBe(true)
        return { tab, isKept, results }
      }

      it('learns at once of a sign-out', async () => {
        const { tab, isKept, results } = await returnAfter((other) => other.call('signOut'))
        const errors = [{ code: 'LoginRequired', cause: 'signed_out' }]
        expect(results).toMatchObject({ access_tokens: [], errors })
        const event = "tab.events.find(({ type, by }) => type === 'signed_out' && by === 'another')"
        if (isKept) await waitForValue(tab, event)
      })

      it('uses at once the token of another sign-in', async () => {
        const token = await browser.signIn()
        const { results } = await returnAfter((other) => other.call('setToken', token))
        expect(results).toMatchObject({ access_tokens: [token.access_token], errors: [] })
      })
    })
  })
}
