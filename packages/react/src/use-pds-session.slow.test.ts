import type { ITokenInfo } from '@pds/types'
import { type Browser, type BrowserContext, browserIsMissing, launchBrowser, type Page } from 'shared/browser'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type PageConfig, type ReactSite, renderedBy, startReactSite } from './react-page.test-helper.ts'
import { renderOnServer } from './render-on-server.test-helper.ts'

/* The hooks in React 19, in real pages. */

describe.skipIf(browserIsMissing)(`a component with the hooks ${browserIsMissing || ''}`, () => {
  let site: ReactSite
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let problems: string[]
  let token: ITokenInfo

  beforeAll(async () => {
    ;[site, browser] = await Promise.all([startReactSite(), launchBrowser()])
    token = await site.createToken()
  })

  afterAll(async () => {
    await browser?.close()
    await site?.close()
  })

  beforeEach(async () => {
    problems = []
    context = await browser.newContext()
  })

  afterEach(async () => {
    await context.close()
    expect(problems).toEqual([])
  })

  const status = (text: string) => page.getByRole('status').getByText(text, { exact: true }).waitFor()
  const button = (name: string) => page.getByRole('button', { name, exact: true })

  /** Opens a page. Its back end responds with these statuses to the requests for a token, the last one repeatedly. */
  async function open(config: PageConfig, ...responses: number[]): Promise<{ requests: number }> {
    page = await site.open(context, config, problems)
    const count = { requests: 0 }
    await page.route('**/token', async (route) => {
      const code = responses[Math.min(count.requests++, responses.length - 1)] ?? 200
      await route.fulfill({ status: code, ...(code === 200 && { body: JSON.stringify(token) }) })
    })
    await page.goto(site.origin)
    return count
  }

  it.each([false, true])(
    'gets the user from a back end with one request, in StrictMode: %s',
    async (isStrict) => {
      const count = await open({ hasBackEnd: true, isStrict }, 200)
      await status('signed_in user-1')
      expect(await renderedBy(page)).toEqual(['loading', 'signed_in'])
      expect(count.requests).toBe(1)
    },
  )

  it('shows that the back end requires a login, and the user after it', async () => {
    await open({ hasBackEnd: true }, 401, 200)
    await status('signed_out')
    await page.evaluate('app.session.getToken().then(() => undefined)')
    await status('signed_in user-1')
    expect(await renderedBy(page)).toEqual(['loading', 'signed_out', 'signed_in'])
  })

  it('shows a failure, and tries again on request', async () => {
    const count = await open({ hasBackEnd: true, isStrict: true }, 500, 200)
    await status('error NetworkError')
    expect(await renderedBy(page)).toEqual(['loading', 'error'])
    expect(count.requests).toBe(1)
    await page.evaluate(() => Object.assign(Date, { now: () => 4e12 }))
    await button('Try again').click()
    await status('signed_in user-1')
    expect(await renderedBy(page)).toEqual(['loading', 'error', 'loading', 'signed_in'])
  })

  it('works in a Suspense boundary that suspends', async () => {
    await open({ hasBackEnd: true, suspends: true }, 200)
    await page.getByText('Suspended').waitFor()
    expect(await page.evaluate('app.session.listeners')).toBe(0)
    await page.evaluate('app.resume()')
    await status('signed_in user-1')
    await page.getByText('Complete').waitFor()
    expect(await renderedBy(page)).toEqual(['loading', 'signed_in'])
    expect(await page.evaluate('app.session.listeners')).toBe(1)
  })

  it.each([false, true])('follows another session, in StrictMode: %s', async (isStrict) => {
    await open({ isStrict })
    await status('signed_out')
    await page.evaluate((given) => {
      const { app } = globalThis as unknown as { app: { other: import('@pds/session').Session } }
      return app.other.setToken(given)
    }, token)
    await page.evaluate('app.render(app.other)')
    await status('signed_in user-1')
    expect(await page.evaluate('[app.session.listeners, app.other.listeners]')).toEqual([0, 1])
    await page.evaluate('app.unmount()')
    expect(await page.evaluate('[app.session.listeners, app.other.listeners]')).toEqual([0, 0])
  })

  it('gets the same fetch in each render', async () => {
    await open({ hasBackEnd: true, isStrict: true }, 200)
    await status('signed_in user-1')
    await page.evaluate('app.render(app.session)')
    expect(await page.evaluate('app.fetches.size === 1 && app.fetches.has(app.session.fetch)')).toBe(true)
  })

  const signedIn = { status: 'ok', user: { id: 'user-1', name: 'Ann' }, since: 1, expiresAt: 4e12 } as const

  it.each<[string, PageConfig['initialState'], number, string[]]>([
    ['that knows the user', signedIn, 200, ['signed_in']],
    ['that knows no user', { status: 'login_required', cause: 'no_token' }, 401, ['signed_out']],
    ['that knows nothing', undefined, 200, ['loading', 'signed_in']],
    ['whose session has not asked yet', { status: 'new' }, 200, ['loading', 'signed_in']],
    ['whose user has signed out since', signedIn, 401, ['signed_in', 'signed_out']],
  ])('hydrates the page of a server %s', async (_title, initialState, response, expected) => {
    for (const isStrict of [false, true]) {
      const html = renderOnServer({ initialState, isStrict })
      expect(html).toContain(`<p role="status">${expected[0]}`)
      const count = await open({ hasBackEnd: true, isStrict, initialState, html }, response)
      await expect.poll(() => renderedBy(page)).toEqual(expected)
      await expect.poll(() => count.requests).toBe(1)
      // The session of the page has found out, and the page shows the same.
      await page.waitForFunction(() => {
        const { app } = globalThis as unknown as { app: { session: import('@pds/session').Session } }
        return ['ok', 'login_required'].includes(app.session.state.status)
      })
      await status(expected.at(-1) === 'signed_in' ? 'signed_in user-1' : 'signed_out')
      expect(await renderedBy(page)).toEqual(expected)
      await page.close()
    }
  })

  it('hydrates the page of a redirect without showing a signed-out user', async () => {
    const html = renderOnServer({})
    await open({ html })
    await status('signed_out')
    await button('Sign in').click()
    await status('signed_in user-1')
    expect(await renderedBy(page)).toEqual(['loading', 'signing_in', 'signed_in'])
  })
})
