import {
  type Browser,
  browserIsMissing,
  bundleForPage,
  launchBrowser,
  type Page,
  type PageServer,
  servePages,
} from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type * as exports from './oidc-provider-page.ts'
import { Results } from './results.ts'
import { oidcProvider, startOidcProvider } from './servers/oidc-provider.ts'
import type { RunningServer } from './servers/server.ts'

/* Our client in a page, against oidc-provider with its own pages. */

const server = { ...oidcProvider, auths: ['none'] } as const
const results = new Results('servers', 'Chromium', [server])

declare global {
  var pds: typeof exports
  var client: exports.PageClient
}

describe.skipIf(browserIsMissing)(`oidc-provider ${browserIsMissing || ''}`, () => {
  let browser: Browser
  let pages: PageServer
  let running: RunningServer

  beforeAll(async () => {
    // It warns that its defaults are for development.
    for (const method of ['info', 'warn'] as const) vi.spyOn(console, method).mockReturnValue()
    const script = await bundleForPage("export * from './oidc-provider-page.ts'", import.meta.dirname, 'pds')
    ;[browser, pages] = await Promise.all([launchBrowser(), servePages(script)])
    running = await startOidcProvider(`${pages.origin}/callback`)
  })

  afterAll(async () => {
    await browser?.close()
    await pages?.close()
    await running?.close()
    vi.restoreAllMocks()
  })

  /** Opens a page with a client. The page reads the metadata and sends the token requests across origins. */
  async function open(tab: Page, url: string): Promise<void> {
    await tab.goto(url)
    const metadataUrl = `${running.config.metadata?.issuer}/.well-known/openid-configuration`
    await tab.evaluate(
      async ([url, app]) => {
        globalThis.client = await pds.createClient(url, app)
      },
      [metadataUrl, running.apps.none] as const,
    )
  }

  /** Signs in on the pages of the server. Returns the tab and the callback URL, which no client has read. */
  async function signIn(): Promise<{ tab: Page; callback: string }> {
    const tab = await (await browser.newContext({ locale: 'en' })).newPage()
    await open(tab, pages.origin)
    // It navigates, so its promise may settle in no page.
    await tab.evaluate((params) => client.startSignIn(params), server.params).catch(() => undefined)
    await tab.getByRole('textbox', { name: 'Enter any login' }).fill('user-1')
    await tab.locator('input[name=password]').fill('any')
    await tab.getByRole('button', { name: 'Sign-in' }).click()
    await tab.getByRole('button', { name: 'Continue' }).click()
    await tab.waitForURL((url) => url.pathname === '/callback')
    return { tab, callback: tab.url() }
  }

  it('signs in, refreshes and signs out in two tabs', async () => {
    const { tab, callback } = await signIn()
    await open(tab, callback)
    const first = await tab.evaluate(() => client.completeSignIn())
    expect(await running.isValid(first?.access_token ?? '')).toBe(true)
    results.pass(server.name, 'sign-in', 'none')

    const second = await tab.evaluate(
      (refresh_token) => client.refreshToken(refresh_token),
      first?.refresh_token ?? '',
    )
    expect(await running.isValid(second.access_token)).toBe(true)
    expect(second.refresh_token).not.toBe(first?.refresh_token)
    results.pass(server.name, 'refresh', 'none')

    const other = await tab.context().newPage()
    await open(other, pages.origin)
    await tab.evaluate(
      (refresh_token) => client.session.setToken({ access_token: 'expired', refresh_token, expires_in: 0 }),
      second.refresh_token,
    )
    const tokens = await Promise.all(
      [tab, other].map((each) => each.evaluate(() => client.session.getAccessToken())),
    )
    expect(tokens[0]).toBe(tokens[1])
    expect(await running.isValid(tokens[0] ?? '')).toBe(true)
    results.pass(server.name, 'session', 'none')

    expect(await other.evaluate(() => client.session.signOut())).toEqual({ revoked: true })
    expect(await running.isValid(tokens[0] ?? '')).toBe(false)
    const failure = await tab.evaluate(
      (rejected) => client.session.getToken({ rejected }).catch(({ code, cause }) => ({ code, cause })),
      tokens[0],
    )
    expect(failure).toEqual({ code: 'LoginRequired', cause: 'signed_out' })
    results.pass(server.name, 'sign-out', 'none')
  })

  it.each([
    ['another issuer', 'https://attacker.example.com', 'IssuerMismatch'],
    ['no issuer', undefined, 'IssuerMissing'],
  ])('rejects a callback with %s', async (_what, iss, code) => {
    const { tab, callback } = await signIn()
    const url = new URL(callback)
    url.searchParams.delete('iss')
    if (iss) url.searchParams.set('iss', iss)
    await open(tab, url.href)
    expect(await tab.evaluate(() => client.completeSignIn().catch((error) => error.code))).toBe(code)
    results.pass(server.name, 'forged `iss`', 'none')
  })

  it('has its results in docs/interoperability.md', () => results.check())
})
