import { type Browser, type BrowserContext, browserIsMissing, launchBrowser, type Page } from 'shared/browser'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type PageConfig, type ReactSite, renderedBy, startReactSite } from './react-page.test-helper.ts'

/* Sign-ins by redirect in React 19, in real pages. */

describe.skipIf(browserIsMissing)(`a sign-in in React ${browserIsMissing || ''}`, () => {
  let site: ReactSite
  let browser: Browser
  let context: BrowserContext
  let problems: string[]
  let before: number

  beforeAll(async () => {
    ;[site, browser] = await Promise.all([startReactSite(), launchBrowser()])
  })

  afterAll(async () => {
    await browser?.close()
    await site?.close()
  })

  beforeEach(async () => {
    problems = []
    context = await browser.newContext()
    before = exchanges()
  })

  afterEach(async () => {
    await context.close()
    site.emulator.clearFaults()
    expect(problems).toEqual([])
  })

  const exchanges = () => site.emulator.requests.filter(({ path }) => path === '/v2/oauth/token').length
  const status = (page: Page, text: string) =>
    page.getByRole('status').getByText(text, { exact: true }).waitFor()
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

  async function open(config: PageConfig = {}): Promise<Page> {
    const page = await site.open(context, config, problems)
    await page.goto(site.origin)
    return page
  }

  /** Holds the exchange of the code until the session has read its store. */
  async function holdExchange(page: Page): Promise<void> {
    await page.route('**/oauth/token', async (route) => {
      await page.waitForFunction('["login_required", "signed_out"].includes(app.session.state.status)')
      await route.continue()
    })
  }

  it.each<[string, PageConfig, string[]]>([
    ['', {}, ['signing_in', 'signed_in']],
    [' in StrictMode', { isStrict: true }, ['signing_in', 'signed_in']],
    [' without isSignInPending', { hasPendingCheck: false }, ['loading', 'signing_in', 'signed_in']],
    [
      ' without isSignInPending in StrictMode',
      { hasPendingCheck: false, isStrict: true },
      ['loading', 'signing_in', 'signed_in'],
    ],
  ])('never shows a signed-out user%s', async (_title, config, expected) => {
    const page = await open(config)
    await holdExchange(page)
    await button(page, 'Sign in').click()
    await status(page, 'signed_in user-1')
    expect(await renderedBy(page)).toEqual(expected)
    const signIns = [{ returnTo: '/photos', appState: 7, rendered: 'signing_in' }]
    expect(await page.evaluate('app.signIns')).toEqual(signIns)
    expect(page.url()).toBe(`${site.origin}/photos`)
    expect(exchanges() - before).toBe(1)
    await page.getByText('The service knows user-1').waitFor()

    await page.reload()
    await status(page, 'signed_in user-1')
    expect(await renderedBy(page)).toEqual(['loading', 'signed_in'])
    await button(page, 'Sign out').click()
    await status(page, 'signed_out')
    await page.reload()
    await status(page, 'signed_out')
    expect(await renderedBy(page)).toEqual(['loading', 'signed_out'])
    // The store contains a sign-out now.
    await button(page, 'Sign in').click()
    await status(page, 'signed_in user-1')
    expect(await renderedBy(page)).toEqual(expected)
  })

  it('replaces the user of an earlier sign-in', async () => {
    site.emulator.createUser({ user_id: 'user-2' })
    const page = await open()
    await button(page, 'Sign in').click()
    await status(page, 'signed_in user-1')
    const other = await open({ authorization_endpoint: '/oauth/authorize?user_id=user-2' })
    await status(other, 'signed_in user-1')
    await other.evaluate('app.signIn()').catch(() => undefined)
    await status(other, 'signed_in user-2')
    expect(await renderedBy(other)).toEqual(['signing_in', 'signed_in'])
    await status(page, 'signed_in user-2')
  })

  it('is shown in all tabs, and so is a sign-out', async () => {
    const [one, two] = [await open(), await open({ isStrict: true })]
    await Promise.all([status(one, 'signed_out'), status(two, 'signed_out')])
    await button(one, 'Sign in').click()
    await Promise.all([status(one, 'signed_in user-1'), status(two, 'signed_in user-1')])
    expect(await renderedBy(two)).toEqual(['loading', 'signed_out', 'signed_in'])
    await button(two, 'Sign out').click()
    await Promise.all([status(one, 'signed_out'), status(two, 'signed_out')])
    expect(await renderedBy(one)).toEqual(['signing_in', 'signed_in', 'signed_out'])
  })

  it.each([true, false])('shows that the user has denied it, in StrictMode: %s', async (isStrict) => {
    const page = await open({ isStrict, authorization_endpoint: '/oauth/authorize' })
    await button(page, 'Sign in').click()
    await button(page, 'Cancel').click()
    await status(page, 'error access_denied')
    expect(await renderedBy(page)).toEqual(['signing_in', 'error'])
    expect(new URL(page.url()).search).toBe('')
    await button(page, 'Try again').click()
    await status(page, 'signed_out')
    expect(await page.evaluate('app.signIns')).toEqual([])
  })

  it('continues after a failure that spent no code', async () => {
    site.emulator.injectFault({ type: 'status', status: 503, path: '/v2/oauth/token' })
    const page = await open()
    await button(page, 'Sign in').click()
    await page.getByText(/^error/).waitFor()
    await button(page, 'Try again').click()
    await status(page, 'signed_in user-1')
    expect(await renderedBy(page)).toEqual(['signing_in', 'error', 'signing_in', 'signed_in'])
  })

  it('is completed although the provider unmounts', async () => {
    const page = await open()
    await page.route('**/oauth/token', async (route) => {
      await page.evaluate('app.unmount()')
      await route.continue()
    })
    await button(page, 'Sign in').click()
    await page.waitForFunction('globalThis.app?.session.state.status === "ok"')
    expect(await page.evaluate('app.signIns')).toEqual([])
    expect(await renderedBy(page)).toEqual(['signing_in'])
    await page.reload()
    await status(page, 'signed_in user-1')
  })
})
