import { type RunningWeb, startWeb } from 'demo/web'
import { type Browser, type BrowserContext, browserIsMissing, launchBrowser, type Page } from 'shared/browser'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  button,
  expectActivity,
  expectSignedIn,
  expectSignedOut,
  openTab,
  signIn,
  startSignIn,
  waitForNewToken,
} from './showcase-steps.ts'

/* The showcase of `npm run web`, used by a user. showcase.slow.test.ts tests its failures, layout and keyboard use. */

describe.skipIf(browserIsMissing)(`the showcase ${browserIsMissing || ''}`, () => {
  let browser: Browser
  let web: RunningWeb
  let context: BrowserContext
  let page: Page
  let errors: string[]

  beforeAll(async () => {
    ;[browser, web] = await Promise.all([launchBrowser(), startWeb({ port: 0 })])
  })

  async function openBrowser(locale: string): Promise<void> {
    context = await browser.newContext({ locale })
    errors = []
    context.on('weberror', (error) => errors.push(String(error.error())))
    page = await openTab(context, web.url)
  }

  beforeEach(() => openBrowser('en-GB'))

  afterEach(async () => {
    await context.close()
    expect(errors).toEqual([])
  })

  afterAll(async () => {
    await browser?.close()
    await web?.close()
  })

  const requests = (path: string) => web.emulator.requests.filter((request) => request.path === path)

  it('signs in, calls the API, renews the token and signs out', async () => {
    await signIn(page)
    expect(page.url()).toBe(web.url)
    await expectActivity(page, 'The back end gave this tab a token.')
    expect(await page.getByTestId('time-left').textContent()).toMatch(/1 h 59 min|2 h 0 min/)

    await button(page, 'Call the API').click()
    await page.getByText('"user_id": "ann"').waitFor()
    await page.getByText('List the drives').click()
    await button(page, 'Call the API').click()
    await page.getByText('"drive_id": ').waitFor()
    await expectActivity(page, '/v2/drive/list: 200')

    const before = await page.getByTestId('token-fingerprint').textContent()
    await button(page, 'Renew now').click()
    expect(await waitForNewToken(page, before)).toMatch(/^[0-9a-f]{8}$/)
    // The back end allows no second renewal now. The page says when, and its token is used.
    await button(page, 'Renew now').click()
    await page.getByText(/You can renew it again in \d+ s\./).waitFor()
    expect(await button(page, 'Renew now').getAttribute('aria-disabled')).toBe('true')
    await button(page, 'Call the API').click()
    await page.getByTestId('api-status').getByText('200').waitFor()

    // The page has no token but in memory, and no script reads the cookie of the back end.
    expect(await page.evaluate(() => ({ ...localStorage, ...sessionStorage }))).toEqual({})
    expect(await page.evaluate(() => document.cookie)).toBe('')

    await button(page, 'Sign out').click()
    await expectSignedOut(page)
    // The page is signed out before the back end responds.
    await expect.poll(() => requests('/v2/account/revoke').map(({ status }) => status)).toEqual([204])
    await page.reload()
    await expectSignedOut(page)
    expect(web.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it('shows what another tab does', async () => {
    const other = await openTab(context, web.url)
    await expectSignedOut(other)
    await signIn(page)
    await expectSignedIn(other)
    await expectActivity(other, 'You signed in in another tab.')

    const before = await other.getByTestId('token-fingerprint').textContent()
    await button(page, 'Renew now').click()
    const renewed = await waitForNewToken(other, before)
    expect(await waitForNewToken(page, before)).toBe(renewed)
    await expectActivity(other, 'Another tab renewed the token.')

    await button(other, 'Sign out').click()
    await expectSignedOut(page)
  })

  it('shows another user in all tabs', async () => {
    await signIn(page)
    const other = await openTab(context, web.url)
    await expectSignedIn(other)
    await button(other, 'Sign out').click()
    await expectSignedOut(other)
    await other.getByRole('link', { name: 'Sign in', exact: true }).click()
    await other.getByText('Use another user').click()
    await button(other, /Sam Okafor/).click()
    await button(other, 'Allow').click()
    await expectSignedIn(other, 'Sam Okafor')
    await expectSignedIn(page, 'Sam Okafor')
    await page.getByText('Administrator').waitFor()
  })

  it('returns from a sign-in without showing a signed-out page', async () => {
    await startSignIn(page)
    await page.addInitScript(() => {
      const shown: string[] = []
      Object.assign(globalThis, { shown })
      new MutationObserver(() => {
        const heading = document.querySelector('main h1, main .loading')?.textContent ?? ''
        if (shown.at(-1) !== heading) shown.push(heading)
      }).observe(document, { subtree: true, childList: true })
    })
    await button(page, 'Allow').click()
    await expectSignedIn(page)
    expect(await page.evaluate('shown.filter(Boolean)')).toEqual(['Looking for your session…', 'Ann Lee'])
  })

  it('is in Chinese for users who prefer it, and remembers another choice', async () => {
    await context.close()
    await openBrowser('zh-CN')
    await page.getByRole('heading', { name: '登录一次，所有标签页都保持登录' }).waitFor()
    expect(await page.evaluate(() => [document.documentElement.lang, document.title])).toEqual([
      'zh-Hans',
      '我的网盘',
    ])
    await button(page, 'English').click()
    await expectSignedOut(page)
    await page.reload()
    await expectSignedOut(page)
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en')
  })
})
