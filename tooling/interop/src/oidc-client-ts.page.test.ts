import { type RunningEmulator, startEmulator } from '@pds/emulator'
import {
  type Browser,
  browserIsMissing,
  bundleForPage,
  launchBrowser,
  type Page,
  type PageServer,
  servePages,
} from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/* oidc-client-ts in a page, against the emulator as its OAuth 2.0 server. */

/** The part of its user that the test reads. */
interface User {
  access_token: string
  refresh_token: string
}

describe.skipIf(browserIsMissing)(`oidc-client-ts ${browserIsMissing || ''}`, () => {
  let browser: Browser
  let server: PageServer
  let emulator: RunningEmulator

  beforeAll(async () => {
    const script = await bundleForPage("export * from './oidc-client-page.ts'", import.meta.dirname, 'client')
    ;[browser, server] = await Promise.all([launchBrowser(), servePages(script)])
    emulator = await startEmulator({
      apps: [{ type: 'browser', client_id: 'browser-app', redirect_uris: [`${server.origin}/callback`] }],
    })
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close()
    await emulator?.close()
  })

  /** Calls a method of the UserManager in the page. */
  function call<Result>(tab: Page, method: string, ...args: unknown[]): Promise<Result> {
    return tab.evaluate(
      ([authority, name, values]) => {
        const { client } = globalThis as unknown as {
          client: { create(authority: string): Record<string, (...args: unknown[]) => Promise<Result>> }
        }
        return (client.create(authority)[name] as (...args: unknown[]) => Promise<Result>)(...values)
      },
      [emulator.api_endpoint, method, args] as const,
    )
  }

  it('signs in, renews silently and revokes', async () => {
    const tab = await (await browser.newContext({ locale: 'en' })).newPage()
    await tab.goto(`${server.origin}/`)
    // It navigates, so its promise settles in no page.
    await call(tab, 'signinRedirect').catch(() => undefined)
    await tab.getByRole('button', { name: 'User 1' }).click()
    await tab.getByRole('button', { name: 'Allow' }).click()
    await tab.waitForURL((url) => url.pathname === '/callback')
    const first = await call<User>(tab, 'signinCallback')
    const second = await call<User>(tab, 'signinSilent')
    expect(second.refresh_token).not.toBe(first.refresh_token)
    expect(emulator.sessions).toHaveLength(1)
    await call(tab, 'revokeTokens', ['refresh_token'])
    expect(emulator.sessions).toEqual([])
    expect(emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
    const { deviations } = emulator.requests.find(({ path }) => path === '/v2/oauth/authorize') ?? {}
    expect(deviations).toEqual(['login_type is missing, which is documented as required'])
  })
})
