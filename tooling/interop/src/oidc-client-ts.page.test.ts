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
import { Results, type Subject } from './results.ts'

/* oidc-client-ts in a page, against the emulator as its OAuth 2.0 server. */

/** The part of its user that the test reads. */
interface User {
  access_token: string
  refresh_token: string
}

const client: Subject<'clients'> = {
  name: 'oidc-client-ts',
  settings: '`scope` without its default `openid`, because it then requires an ID token',
  auths: ['none'],
  lacks: {},
}
const results = new Results('clients', 'Chromium', [client])

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
  function call<Result>(tab: Page, scope: string, method: string, ...args: unknown[]): Promise<Result> {
    return tab.evaluate(
      ([authority, scope, name, values]) => {
        const { client } = globalThis as unknown as {
          client: {
            create(authority: string, scope: string): Record<string, (...args: unknown[]) => Promise<Result>>
          }
        }
        return (client.create(authority, scope)[name] as (...args: unknown[]) => Promise<Result>)(...values)
      },
      [emulator.api_endpoint, scope, method, args] as const,
    )
  }

  /** Opens a page and signs the user in. Returns the page of the redirect URI. */
  async function signIn(scope: string): Promise<Page> {
    const tab = await (await browser.newContext({ locale: 'en' })).newPage()
    await tab.goto(`${server.origin}/`)
    // It navigates, so its promise settles in no page.
    await call(tab, scope, 'signinRedirect').catch(() => undefined)
    await tab.getByRole('button', { name: 'User 1' }).click()
    await tab.getByRole('button', { name: 'Allow' }).click()
    await tab.waitForURL((url) => url.pathname === '/callback')
    return tab
  }

  it('signs in, renews silently and revokes', async () => {
    const scope = 'FILE.ALL'
    const tab = await signIn(scope)
    const first = await call<User>(tab, scope, 'signinCallback')
    results.pass(client.name, 'sign-in', 'none')
    const second = await call<User>(tab, scope, 'signinSilent')
    expect(second.refresh_token).not.toBe(first.refresh_token)
    expect(emulator.sessions).toHaveLength(1)
    results.pass(client.name, 'refresh', 'none')
    await call(tab, scope, 'revokeTokens', ['refresh_token'])
    expect(emulator.sessions).toEqual([])
    results.pass(client.name, 'revocation', 'none')
    expect(emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
    const { deviations } = emulator.requests.find(({ path }) => path === '/v2/oauth/authorize') ?? {}
    expect(deviations).toEqual(['login_type is missing, which is documented as required'])
  })

  it('rejects the callback of another sign-in', async () => {
    const tab = await signIn('FILE.ALL')
    const url = new URL(tab.url())
    url.searchParams.set('state', 'another')
    await expect(call(tab, 'FILE.ALL', 'signinCallback', url.href)).rejects.toThrow('No matching state')
    results.pass(client.name, 'forged state', 'none')
  })

  it('requires an ID token if the scope contains openid', async () => {
    const tab = await signIn('openid')
    await expect(call(tab, 'openid', 'signinCallback')).rejects.toThrow('InvalidTokenError')
  })

  it('has its results in docs/interoperability.md', () => results.check())
})
