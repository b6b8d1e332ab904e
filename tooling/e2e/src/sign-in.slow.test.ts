import {
  type Browser,
  type BrowserContext,
  browserIsMissing,
  findViolations,
  launchBrowser,
  type Page,
} from 'shared/browser'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SecretWatch } from './tabs/secret-watch.ts'
import { type RunningWebApp, startWebApp } from './web-app/start-web-app.ts'
import { allow, button, expectSignedIn, expectSignedOut, signIn } from './web-app/web-app-steps.ts'

/* A web application without a back end and the emulator's pages, used by a user who signs in. */

const hour = 3_600_000

describe.skipIf(browserIsMissing)(`signing in ${browserIsMissing || ''}`, () => {
  let browser: Browser
  let web: RunningWebApp
  let context: BrowserContext
  let secrets: SecretWatch
  let page: Page

  beforeAll(async () => {
    ;[browser, web] = await Promise.all([launchBrowser(), startWebApp()])
  })

  beforeEach(async () => {
    context = await browser.newContext()
    secrets = await SecretWatch.begin(context)
    page = await context.newPage()
    await page.goto(web.url)
    await expectSignedOut(page)
  })

  afterEach(async () => {
    expect(await secrets.leaks()).toEqual([])
    expect(secrets.seen('the history').length).toBeGreaterThan(0)
    expect(secrets.seen('the history').join()).not.toMatch(/[?&](code|state)=/)
    // Reports the errors of pages before other failures.
    expect(secrets.seen('an error of a page')).toEqual([])
    web.emulator.clearFaults()
    await context.close()
  })

  afterAll(async () => {
    await browser?.close()
    await web?.close()
  })

  const fingerprint = (on: Page) => on.getByTestId('token-fingerprint').textContent()
  const exchanges = () =>
    web.emulator.requests.filter(({ params }) => params.grant_type === 'authorization_code').length

  /** Signs in when the emulator already knows the user. */
  async function signInAgain(): Promise<void> {
    await button(page, 'Sign in').click()
    await button(page, 'Allow').click()
    await expectSignedIn(page)
  }

  async function expectAlert(text: RegExp): Promise<void> {
    await page.getByRole('alert').getByText(text).waitFor()
    await expectSignedOut(page)
  }

  /** Waits until the page shows another fingerprint, and returns it. */
  async function waitForNewFingerprint(on: Page, before: string | null): Promise<string | null> {
    await on.waitForFunction(
      (before) => document.querySelector('[data-testid=token-fingerprint]')?.textContent !== before,
      before,
    )
    return fingerprint(on)
  }

  it('redirects to the sign-in page and back and leaves nothing behind', async () => {
    expect(await findViolations(page)).toEqual([])
    const start = new URL(page.url())
    await button(page, 'Sign in').click()
    await button(page, /Ann Lee/).waitFor()
    expect(new URL(page.url()).origin).toBe(web.emulator.api_endpoint)
    expect(new URL(page.url()).searchParams.get('code_challenge_method')).toBe('S256')
    await allow(page)
    await expectSignedIn(page)
    expect(page.url()).toBe(start.href)
    expect(exchanges()).toBe(1)

    await button(page, 'Call the API').click()
    await page.getByText('"user_id": "ann"').waitFor()
    expect(await page.getByTestId('time-left').textContent()).toMatch(/1 h 59 min|2 h/)
    const before = await fingerprint(page)
    await button(page, 'Refresh now').click()
    expect(await waitForNewFingerprint(page, before)).toMatch(/^[0-9a-f]{8}$/)
    expect(await findViolations(page)).toEqual([])

    await page.reload()
    await expectSignedIn(page)
    const stored = await page.evaluate(() => ({ ...localStorage, ...sessionStorage }))
    expect(stored).toEqual({})

    await button(page, 'Sign out').click()
    await expectSignedOut(page)
    // The page is signed out before the token is revoked.
    const revocations = () =>
      web.emulator.requests.filter(({ method, path }) => method === 'POST' && path === '/v2/account/revoke')
    await expect.poll(() => revocations().map(({ status }) => status)).toEqual([204])
    await page.reload()
    await expectSignedOut(page)
  })

  it('works in a popup and updates other tabs', async () => {
    const other = await context.newPage()
    await other.goto(web.url)
    await expectSignedOut(other)
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      button(page, 'Sign in in a popup').click(),
    ])
    const closed = popup.waitForEvent('close')
    await allow(popup)
    await expectSignedIn(page)
    await closed
    await expectSignedIn(other)
    expect(await fingerprint(other)).toBe(await fingerprint(page))
    const broadcasts = secrets.seen('a broadcast')
    expect(broadcasts.length).toBeGreaterThan(0)
  })

  it('lets the user cancel the sign-in in a popup that was closed', async () => {
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      button(page, 'Sign in in a popup').click(),
    ])
    await button(popup, /Ann Lee/).waitFor()
    await popup.close()
    await button(page, 'Cancel').click()
    await page.getByRole('status').getByText('Cancelled.').waitFor()
    await expectSignedOut(page)
  })

  it('reports a denied consent', async () => {
    await button(page, 'Sign in').click()
    await button(page, /Ann Lee/).click()
    await button(page, 'Deny').click()
    await expectAlert(/did not allow/)
    expect(page.url()).toBe(web.url)
    expect(await findViolations(page)).toEqual([])
  })

  it('rejects a forged callback', async () => {
    const before = exchanges()
    const { client_id, redirect_uris } = web.emulator.app('browser')
    const code = web.emulator.createCode({ client_id })
    await page.goto(`${redirect_uris[0]}?code=${code}&state=forged`)
    await expectAlert(/not started in this tab/)
    // The same while a sign-in of this tab is pending.
    await button(page, 'Sign in').click()
    await button(page, /Ann Lee/).waitFor()
    await page.goto(`${redirect_uris[0]}?code=${code}&state=forged`)
    await expectAlert(/not started in this tab/)
    expect(exchanges()).toBe(before)
    expect(page.url()).toBe(web.url)
  })

  it('rejects an expired code', async () => {
    await page.route('**/v2/oauth/token', async (route) => {
      web.emulator.clock.advance(11 * 60_000)
      await route.continue()
    })
    await button(page, 'Sign in').click()
    await allow(page)
    await expectAlert(/too long/)
    await page.unroute('**/v2/oauth/token')
    await signInAgain()
  })

  it('survives the back button', async () => {
    const before = exchanges()
    await button(page, 'Sign in').click()
    await button(page, /Ann Lee/).waitFor()
    await page.goBack()
    await expectSignedOut(page)
    await button(page, 'Sign in').click()
    await allow(page)
    await expectSignedIn(page)
    // Back to the consent page after the consent, and forward again.
    await page.goBack()
    await button(page, 'Allow').waitFor()
    await page.goForward()
    await expectSignedIn(page)
    expect(exchanges()).toBe(before + 1)
    // A second consent belongs to a completed request.
    await page.goBack()
    await button(page, 'Allow').click()
    await page
      .getByRole('alert')
      .getByText(/already used/)
      .waitFor()
    await expectSignedIn(page)
    expect(exchanges()).toBe(before + 1)
  })

  it('survives a reload of each page', async () => {
    await button(page, 'Sign in').click()
    await button(page, /Ann Lee/).waitFor()
    await page.reload()
    await button(page, /Ann Lee/).click()
    await button(page, 'Allow').waitFor()
    await page.reload()
    await button(page, 'Allow').click()
    await expectSignedIn(page)
  })

  it('spends no code twice if the page is reloaded during the exchange', async () => {
    const before = exchanges()
    web.emulator.injectFault({ type: 'delay', milliseconds: 600_000, path: '/v2/oauth/token' })
    await button(page, 'Sign in').click()
    await allow(page)
    // The emulator has received the request and delays the response.
    await expect.poll(() => web.emulator.faults.length).toBe(0)
    await page.reload()
    await expectSignedOut(page)
    await signInAgain()
    // The interrupted exchange and the exchange of the new sign-in.
    expect(exchanges()).toBe(before + 2)
    expect(web.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it('reports an unreachable service and can start again', async () => {
    await page.route('**/v2/oauth/token', (route) => route.abort('internetdisconnected'))
    await button(page, 'Sign in').click()
    await allow(page)
    await page
      .getByRole('alert')
      .getByText(/cannot be reached/)
      .waitFor()
    await page.unroute('**/v2/oauth/token')
    await signInAgain()
  })

  it('shares the session and its end between two tabs', async () => {
    await signIn(page)
    const [second] = await Promise.all([
      context.waitForEvent('page'),
      page.getByRole('link', { name: 'Open a second tab' }).click(),
    ])
    await expectSignedIn(second)
    const before = await fingerprint(page)
    expect(await fingerprint(second)).toBe(before)
    await button(second, 'Refresh now').click()
    const after = await waitForNewFingerprint(second, before)
    expect(await waitForNewFingerprint(page, before)).toBe(after)
    await page
      .getByTestId('activity')
      .getByText(/by another tab/)
      .waitFor()
    await button(page, 'Sign out').click()
    await expectSignedOut(second)
    await expectSignedOut(page)
    expect(web.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it('replaces an expired token', async () => {
    await page.clock.install({ time: web.emulator.clock.now() })
    await page.goto(web.url)
    await signIn(page)
    const before = await fingerprint(page)
    web.emulator.clock.advance(2 * hour)
    await page.clock.fastForward(2 * hour)
    await waitForNewFingerprint(page, before)
    await expectSignedIn(page)
    expect(web.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it.each(['light', 'dark'] as const)('is accessible on a narrow screen in %s mode', async (colorScheme) => {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width: 320, height: 640 })
    const check = async (name: string) => {
      expect(await findViolations(page), name).toEqual([])
      const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
      expect(await page.evaluate(overflow), `overflow of ${name}`).toBeLessThanOrEqual(0)
    }
    await check('web-app-signed-out')
    await button(page, 'Sign in').click()
    await button(page, /Ann Lee/).waitFor()
    await check('emulator-sign-in')
    await button(page, /Ann Lee/).click()
    await button(page, 'Allow').waitFor()
    await check('emulator-consent')
    await button(page, 'Allow').click()
    await expectSignedIn(page)
    await button(page, 'Call the API').click()
    await page.getByText('"user_id": "ann"').waitFor()
    await check('web-app-signed-in')
    await page.goto(web.emulator.api_endpoint)
    await check('emulator-live')
  })
})
