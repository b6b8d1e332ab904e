import { type RunningWeb, startWeb } from 'demo/web'
import {
  type Browser,
  type BrowserContext,
  browserIsMissing,
  type ContextOptions,
  findViolations,
  launchBrowser,
  type Page,
} from 'shared/browser'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  button,
  expectActivity,
  expectAlert,
  expectSignedIn,
  expectSignedOut,
  openTab,
  signIn,
  startSignIn,
} from './showcase-steps.ts'

/* The failures, layout, languages and keyboard use of the showcase. showcase.page.test.ts tests its functions. */

const minute = 60_000

describe.skipIf(browserIsMissing)(`the page of the showcase ${browserIsMissing || ''}`, () => {
  let browser: Browser
  let web: RunningWeb
  let context: BrowserContext
  let page: Page
  let origins: Set<string>
  let violations: string[]

  beforeAll(async () => {
    ;[browser, web] = await Promise.all([launchBrowser(), startWeb({ port: 0 })])
  })

  async function openBrowser(options: ContextOptions): Promise<void> {
    context = await browser.newContext(options)
    origins = new Set()
    violations = []
    context.on('request', (request) => origins.add(new URL(request.url()).origin))
    context.on('weberror', (error) => violations.push(String(error.error())))
    await context.exposeFunction('violated', (violation: string) => violations.push(violation))
    await context.addInitScript(() => {
      const { violated } = globalThis as unknown as { violated: (violation: string) => void }
      addEventListener('securitypolicyviolation', (event) =>
        violated(`${event.violatedDirective} ${event.blockedURI}`),
      )
    })
    page = await openTab(context, web.url)
  }

  beforeEach(async () => {
    await openBrowser({ locale: 'en-GB' })
    await expectSignedOut(page)
  })

  afterEach(async () => {
    await context.close()
    web.emulator.clearFaults()
    expect(violations).toEqual([])
    const allowed = [new URL(web.url).origin, web.emulator.api_endpoint]
    expect([...origins].filter((origin) => !allowed.includes(origin))).toEqual([])
  })

  afterAll(async () => {
    await browser?.close()
    await web?.close()
  })

  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '')
  const status = (text: RegExp) => page.getByRole('status').getByText(text).waitFor()
  const lost = (address: string) => page.route(address, (route) => route.abort('internetdisconnected'))

  /** Presses Tab until an element with this text has the focus, and then Enter. */
  async function press(name: RegExp): Promise<void> {
    for (let presses = 0; presses < 16; presses++) {
      await page.keyboard.press('Tab')
      if (name.test(await focused())) return page.keyboard.press('Enter')
    }
    throw new Error(`the Tab key does not reach ${name}`)
  }

  /** Holds the requests to an address. Returns a function that releases them. */
  async function hold(address: string): Promise<() => void> {
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route(address, async (route) => {
      await released
      await route.continue()
    })
    return release
  }

  describe('the server', () => {
    it('sends a strict Content-Security-Policy, and headers that reveal nothing to other sites', async () => {
      for (const path of ['', 'pds/token', 'nothing']) {
        const { headers } = await fetch(`${web.url}${path}`)
        const policy = headers.get('content-security-policy') ?? ''
        expect(policy.split('; ')).toEqual(
          expect.arrayContaining(["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]),
        )
        expect(policy).not.toContain('unsafe')
        expect(headers.get('x-content-type-options')).toBe('nosniff')
        expect(headers.get('referrer-policy')).toBe('no-referrer')
      }
    })

    it('redirects other names of this machine, which would have other cookies', async () => {
      const { port } = new URL(web.url)
      const response = await fetch(`http://localhost:${port}/?code=x`, { redirect: 'manual' })
      expect(response.headers.get('location')).toBe(`${web.url}?code=x`)
    })

    it('listens on the next port if one is in use', async () => {
      const { port } = new URL(web.url)
      const second = await startWeb({ port: Number(port) })
      try {
        expect(Number(new URL(second.url).port)).toBeGreaterThan(Number(port))
        const [redirect_uri] = second.emulator.app('webserver').redirect_uris
        expect(redirect_uri).toBe(`${second.url}pds/callback`)
      } finally {
        await second.close()
      }
    })

    it('gives the numbers of its sessions to signed-in users only', async () => {
      expect((await fetch(`${web.url}stats`)).status).toBe(404)
      await signIn(page)
      await page.getByTestId('stats-open').getByText(/^\d+$/).waitFor()
    })
  })

  describe('by keyboard', () => {
    it('signs in, calls the API and signs out', async () => {
      await press(/^Sign in$/)
      await button(page, /Ann Lee/).waitFor()
      await press(/Ann Lee/)
      await button(page, 'Allow').waitFor()
      await press(/^Allow$/)
      await expectSignedIn(page)
      await press(/^Call the API$/)
      await page.getByText('"user_id": "ann"').waitFor()
      // A busy button keeps the focus.
      expect(await focused()).toBe('Call the API')
      await page.evaluate(() => (document.activeElement as HTMLElement).blur())
      await press(/^Sign out$/)
      await expectSignedOut(page)
      expect(await focused()).toBe('Sign in once. Every tab stays signed in.')
    })

    it('skips to the content', async () => {
      await page.keyboard.press('Tab')
      expect(await focused()).toBe('Skip to the content')
      await page.keyboard.press('Enter')
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')
    })

    it('selects a call with the arrow keys', async () => {
      await signIn(page)
      await page.evaluate(() => document.querySelector<HTMLElement>('input[type=radio]')?.focus())
      await page.keyboard.press('ArrowRight')
      await page.getByText('POST /v2/drive/list').waitFor()
    })

    it('keeps the focus in the page after a message was closed', async () => {
      await signIn(page)
      await lost('**/v2/user/get')
      await button(page, 'Call the API').click()
      await expectAlert(page, /cannot be reached/)
      await button(page, 'Close the message').focus()
      await page.keyboard.press('Enter')
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')
      expect(await page.getByRole('alert').isVisible()).toBe(false)
    })
  })

  describe('a failed sign-in', () => {
    it('that the user denied is explained, and leaves no trace in the address', async () => {
      await startSignIn(page)
      await button(page, 'Deny').click()
      await expectAlert(page, /^You did not allow access, so you are not signed in\.$/)
      expect(page.url()).toBe(web.url)
      await page.reload()
      await expectSignedOut(page)
      expect(await page.getByRole('alert').isVisible()).toBe(false)
    })

    it('of another browser is rejected', async () => {
      const { client_id } = web.emulator.app('webserver')
      const code = web.emulator.createCode({ client_id })
      await page.goto(`${web.url}pds/callback?code=${code}&state=forged`)
      await expectAlert(page, /not started in this browser/)
      await expectSignedOut(page)
    })

    it('with an expired code can be repeated', async () => {
      await startSignIn(page)
      web.emulator.injectFault({
        type: 'status',
        status: 400,
        code: 'InvalidParameterExpired',
        path: '/v2/oauth/token',
      })
      await button(page, 'Allow').click()
      await expectAlert(page, /too long/)
      await page.getByRole('link', { name: 'Sign in', exact: true }).click()
      await button(page, 'Allow').click()
      await expectSignedIn(page)
    })

    it('shows no text of an address', async () => {
      await page.goto(`${web.url}?code=call+0123456&reqId=%3Cb%3E`)
      await expectAlert(page, /^The sign-in failed\. Sign in again\.$/)
      expect(await page.locator('.message-bar b').count()).toBe(0)
    })
  })

  describe('a failed request', () => {
    beforeEach(() => signIn(page))

    it('is explained without the previous response, and sent again', async () => {
      await button(page, 'Call the API').click()
      await page.getByText('"user_id": "ann"').waitFor()
      await lost('**/v2/user/get')
      await button(page, 'Call the API').click()
      await expectAlert(page, /cannot be reached/)
      expect(await page.getByText('"user_id": "ann"').count()).toBe(0)
      await page.unroute('**/v2/user/get')
      await button(page, 'Try again').click()
      await page.getByText('"user_id": "ann"').waitFor()
      expect(await page.getByRole('alert').isVisible()).toBe(false)
    })

    it.each([
      [503, 1, /The service is busy/],
      [429, 1, /The service is busy/],
      [403, 1, /The service rejected the request/],
      // The service also rejects the new token.
      [401, 2, /The service does not accept your token/],
    ] as const)('with status %i is explained', async (code, times, text) => {
      web.emulator.injectFault({ type: 'status', status: code, body: 'gateway', path: '/v2/user/get', times })
      await button(page, 'Call the API').click()
      await expectAlert(page, text)
      expect(await page.getByTestId('api-status').textContent()).toContain(String(code))
      await expectActivity(page, `/v2/user/get: ${code}`)
    })

    it('sends one request after a double click', async () => {
      const count = () => web.emulator.requests.filter(({ path }) => path === '/v2/user/get').length
      const before = count()
      const release = await hold('**/v2/user/get')
      await button(page, 'Call the API').dblclick()
      expect(await button(page, 'Call the API').getAttribute('aria-busy')).toBe('true')
      release()
      await page.getByText('"user_id": "ann"').waitFor()
      await button(page, 'Sign out').click()
      await expectSignedOut(page)
      expect(count()).toBe(before + 1)
    })

    it('of a renewal keeps the user signed in', async () => {
      await lost('**/pds/token')
      await button(page, 'Renew now').click()
      await expectAlert(page, /cannot be reached/)
      await page.unroute('**/pds/token')
      await button(page, 'Call the API').click()
      await page.getByText('"user_id": "ann"').waitFor()
    })

    it('of a sign-out is not hidden from the user', async () => {
      await lost('**/pds/sign-out')
      await button(page, 'Sign out').click()
      await expectAlert(page, /the back end did not confirm it/)
      await page.unroute('**/pds/sign-out')
      await button(page, 'Try again').click()
      await status(/^You are signed out\.$/)
      await page.reload()
      await expectSignedOut(page)
    })
  })

  it('explains that the service has ended a session, and shows it in all tabs', async () => {
    await signIn(page)
    const other = await openTab(context, web.url)
    await expectSignedIn(other)
    web.emulator.endSessions({ user_id: 'ann' })
    await button(page, 'Call the API').click()
    await expectSignedOut(page)
    await expectAlert(page, /Sign in again\.$/)
    await expectSignedOut(other)
    await page.getByRole('link', { name: 'Sign in', exact: true }).click()
    await button(page, 'Allow').click()
    await expectSignedIn(page)
  })

  it('tries again if the back end is unreachable', async () => {
    await signIn(page)
    await lost('**/pds/token')
    await page.reload()
    await page.getByRole('heading', { name: 'Your session could not be loaded' }).waitFor()
    expect(await findViolations(page)).toEqual([])
    await page.unroute('**/pds/token')
    await button(page, 'Try again').click()
    await expectSignedIn(page)
  })

  it('finds out about a sign-in when the user returns to a tab', async () => {
    const other = await openTab(context, web.url)
    // A suspended tab gets no messages.
    await page.evaluate(() => {
      BroadcastChannel.prototype.dispatchEvent = () => true
      addEventListener('message', (event) => event.stopImmediatePropagation(), { capture: true })
    })
    await signIn(other)
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
    await expectSignedIn(page)
  })

  it('removes the data of the user after a sign-out', async () => {
    await signIn(page)
    await button(page, 'Call the API').click()
    await page.getByText('"user_id": "ann"').waitFor()
    await button(page, 'Sign out').click()
    await expectSignedOut(page)
    expect(await page.evaluate(() => document.documentElement.outerHTML)).not.toMatch(/Ann Lee|"ann"/)
  })

  it('counts the lifetime of the token down', async () => {
    await signIn(page)
    await page.clock.install({ time: Date.now() })
    await page.reload()
    await expectSignedIn(page)
    const share = () =>
      page.locator('.meter div').evaluate((bar) => bar.offsetWidth / (bar.parentElement?.offsetWidth ?? 1))
    expect(await share()).toBeCloseTo(1, 1)
    await page.clock.fastForward(30 * minute)
    await page
      .getByTestId('time-left')
      .getByText(/^1 h 2\d min$/)
      .waitFor()
    expect(await share()).toBeCloseTo(0.75, 1)
  })

  it('changes the language of everything that it shows', async () => {
    await signIn(page)
    await lost('**/v2/user/get')
    await button(page, 'Call the API').click()
    await expectAlert(page, /cannot be reached/)
    await button(page, '中文').click()
    await expectAlert(page, /^无法连接到服务。请检查网络后重试。$/)
    await expectActivity(page, '后端向此标签页提供了令牌。')
    const texts = await page.evaluate(() =>
      [...document.querySelectorAll('#root *')]
        .filter(({ childElementCount }) => childElementCount === 0)
        .map(({ textContent }) => textContent),
    )
    const fingerprint = await page.getByTestId('token-fingerprint').textContent()
    const known = ['English', 'AL', 'Ann Lee', 'ID', 'ann', fingerprint, 'POST /v2/user/get']
    const others = texts.filter((text) => /[a-z]/i.test(text) && !/\p{Script=Han}/u.test(text))
    expect(others.filter((text) => !known.includes(text))).toEqual([])
  })

  it('moves nothing while it loads or shows a response', async () => {
    await page.addInitScript(() => {
      const shifts: string[] = []
      Object.assign(globalThis, { shifts })
      type Shift = PerformanceEntry & { sources: { node: Node | null }[] }
      const nameOf = ({ node }: Shift['sources'][number]) =>
        node instanceof Element ? node.outerHTML.slice(0, 80) : (node?.textContent ?? '')
      // A new entry of the activity moves the older ones.
      const isEntry = ({ node }: Shift['sources'][number]) => node?.parentElement?.closest('.entries')
      new PerformanceObserver((list) => {
        for (const { sources } of list.getEntries() as Shift[])
          shifts.push(...sources.filter((source) => !isEntry(source)).map(nameOf))
      }).observe({ type: 'layout-shift', buffered: true })
    })
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 720 })
      await page.goto(web.url)
      if (width === 360) await signIn(page)
      await expectSignedIn(page)
      await button(page, 'Call the API').click()
      await page.getByText('"user_id": "ann"').waitFor()
      await button(page, 'Renew now').click()
      await status(/renewed/)
      expect(await page.evaluate('shifts'), `${width} px`).toEqual([])
    }
  })

  it('has two columns that end together at 1280 px, and no empty part', async () => {
    await page.setViewportSize({ width: 1280, height: 800 })
    const boxes = (selectors: string[]) =>
      page.evaluate(
        (selectors) =>
          selectors.map((selector) => {
            const box = document.querySelector(selector)?.getBoundingClientRect()
            return { left: box?.left ?? 0, right: box?.right ?? 0, bottom: box?.bottom ?? 0 }
          }),
        selectors,
      )
    const [pitch, code, features, footer] = await boxes(['.pitch', '.code', '.features', 'footer'])
    expect(code?.left).toBeGreaterThan(pitch?.right ?? 0)
    expect([code?.right, features?.right]).toEqual([footer?.right, footer?.right])
    await signIn(page)
    const [profile, token, activity, api, stats] = await boxes([
      '.profile',
      '.token',
      '.activity',
      '.api',
      '.stats',
    ])
    expect([token?.left, activity?.left]).toEqual([profile?.left, profile?.left])
    expect([api?.right, stats?.right]).toEqual([profile?.right, profile?.right])
    expect(activity?.bottom).toBeCloseTo(stats?.bottom ?? 0, 0)
  })

  it('has visible borders and bars in forced colours', async () => {
    await page.emulateMedia({ forcedColors: 'active' })
    await signIn(page)
    const style = (selector: string, name: string) =>
      page.locator(selector).evaluate((found, name) => getComputedStyle(found).getPropertyValue(name), name)
    expect(await style('.meter', 'border-top-style')).toBe('solid')
    expect(await style('.meter div', 'background-color')).not.toBe(await style('.meter', 'background-color'))
    expect(await style('.choice :checked + span', 'outline-style')).toBe('solid')
  })
})
