import {
  type Browser,
  type BrowserContext,
  browserIsMissing,
  findViolations,
  launchBrowser,
  type Page,
} from 'shared/browser'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type RunningWebApp, startWebApp } from './web-app/start-web-app.ts'
import { allow, button, expectSignedIn, expectSignedOut, signIn } from './web-app/web-app-steps.ts'

/*
 * Tests the buttons, messages, keyboard use and layout of the page of the web application. sign-in.slow.test.ts tests the sign-in.
 */

const minute = 60_000

/** A script that denies a page its storage, as Chromium does. */
const withoutStorage = `
  IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError') }
  for (const name of ['localStorage', 'sessionStorage'])
    Object.defineProperty(globalThis, name, { get() { throw new DOMException('denied', 'SecurityError') } })
`

describe.skipIf(browserIsMissing)(`the page of the web application ${browserIsMissing || ''}`, () => {
  let browser: Browser
  let web: RunningWebApp
  let context: BrowserContext
  let page: Page
  let origins: Set<string>
  let consoleErrors: string[]
  let violations: string[]

  beforeAll(async () => {
    ;[browser, web] = await Promise.all([launchBrowser(), startWebApp()])
  })

  beforeEach(async () => {
    context = await browser.newContext()
    origins = new Set()
    consoleErrors = []
    violations = []
    context.on('request', (request) => origins.add(new URL(request.url()).origin))
    context.on('console', (message) => {
      if (message.type() === 'error') consoleErrors.push(message.text())
    })
    context.on('weberror', (error) => violations.push(String(error.error())))
    await context.exposeFunction('violated', (violation: string) => violations.push(violation))
    await context.addInitScript(() => {
      const { violated } = globalThis as unknown as { violated: (violation: string) => void }
      addEventListener('securitypolicyviolation', (event) =>
        violated(`${event.violatedDirective} ${event.blockedURI}`),
      )
    })
    page = await context.newPage()
    await page.goto(web.url)
    await expectSignedOut(page)
  })

  afterEach(async () => {
    const allowed = [new URL(web.url).origin, web.emulator.api_endpoint]
    expect([...origins].filter((origin) => !allowed.includes(origin))).toEqual([])
    expect(violations).toEqual([])
    web.emulator.clearFaults()
    await context.close()
  })

  afterAll(async () => {
    await browser?.close()
    await web?.close()
  })

  const text = (id: string, on = page) => on.locator(`#${id}`).textContent()
  const busy = (id: string) => page.locator(`#${id}`).getAttribute('aria-busy')
  const countRequests = (path: string) =>
    web.emulator.requests.filter((request) => request.path === path).length
  const alert = (message: RegExp, on = page) => on.getByRole('alert').getByText(message).waitFor()
  const status = (message: RegExp, on = page) => on.getByRole('status').getByText(message).waitFor()
  const expectApiResponse = () => page.getByText('"user_id": "ann"').waitFor()
  const focused = (on: Page) => on.evaluate(() => document.activeElement?.id)

  async function openPopup(): Promise<Page> {
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      button(page, 'Sign in in a popup').click(),
    ])
    await button(popup, /Ann Lee/).waitFor()
    return popup
  }

  async function openTab(): Promise<Page> {
    const tab = await context.newPage()
    await tab.goto(web.url)
    return tab
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

  /** Presses Tab until an element with this text has the focus, and then Enter. */
  async function press(on: Page, name: RegExp): Promise<void> {
    for (let presses = 0; presses < 12; presses++) {
      await on.keyboard.press('Tab')
      if (name.test(await on.evaluate(() => document.activeElement?.textContent?.trim() ?? ''))) {
        return on.keyboard.press('Enter')
      }
    }
    throw new Error(`the Tab key does not reach ${name}`)
  }

  describe('the Content-Security-Policy', () => {
    it('allows only scripts of the page, and forbids frames', async () => {
      const response = await fetch(web.url)
      const { 'content-security-policy': policy = '', ...headers } = Object.fromEntries(response.headers)
      expect(policy.split('; ')).toEqual(
        expect.arrayContaining(["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]),
      )
      expect(policy).not.toContain('unsafe')
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
      const config = await fetch(`${web.url}config.json`)
      expect(Object.fromEntries(config.headers)).toMatchObject({
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      })
    })

    it('allows a complete sign-in without an error', async () => {
      await signIn(page)
      await button(page, 'Call the API').click()
      await expectApiResponse()
      await button(page, 'Refresh now').click()
      await page.getByTestId('activity').getByText('refreshed by this tab').waitFor()
      await button(page, 'Sign out').click()
      await expectSignedOut(page)
      expect(consoleErrors).toEqual([])
      expect(origins.size).toBe(2)
    })

    it('is enforced by the browser', async () => {
      await page.evaluate(
        () =>
          new Promise((resolve) => {
            addEventListener('securitypolicyviolation', resolve, { once: true })
            fetch('http://127.0.0.1:9/').catch(() => undefined)
          }),
      )
      expect(violations).toEqual(['connect-src http://127.0.0.1:9/'])
      violations = []
      origins.delete('http://127.0.0.1:9')
    })
  })

  describe('by keyboard', () => {
    it('signs in and out', async () => {
      await press(page, /^Sign in$/)
      await button(page, /Ann Lee/).waitFor()
      await press(page, /Ann Lee/)
      await button(page, 'Allow').waitFor()
      await press(page, /^Allow$/)
      await expectSignedIn(page)
      await press(page, /^Sign out$/)
      await expectSignedOut(page)
      expect(await focused(page)).toBe('welcome-title')
    })

    it('moves the focus to the name of the user after a sign-in in a popup', async () => {
      const opening = page.waitForEvent('popup')
      await press(page, /popup/)
      const popup = await opening
      await button(popup, /Ann Lee/).waitFor()
      await press(popup, /Ann Lee/)
      await button(popup, 'Allow').waitFor()
      await press(popup, /^Allow$/)
      await expectSignedIn(page)
      expect(await focused(page)).toBe('user-name')
    })
  })

  describe('a popup', () => {
    it('can be cancelled, which enables the sign-in button again', async () => {
      await openPopup()
      expect(await busy('sign-in-popup')).toBe('true')
      await button(page, 'Cancel').click()
      await status(/^Cancelled/)
      expect(await busy('sign-in-popup')).toBe(null)
      expect(await button(page, 'Cancel').isVisible()).toBe(false)
    })

    it('is cancelled if another tab signs in', async () => {
      const other = await openTab()
      await openPopup()
      await signIn(other)
      await status(/^Signed in from another tab/)
      await expectSignedIn(page)
      expect(await button(page, 'Cancel').isVisible()).toBe(false)
      await button(page, 'Sign out').click()
      await expectSignedOut(page)
      expect(await busy('sign-in-popup')).toBe(null)
      expect(await text('alert')).toBe('')
    })

    it('is cancelled if another tab signs out', async () => {
      const other = await openTab()
      await expectSignedOut(other)
      await openPopup()
      // As in a tab that does not know yet that the user is signed out.
      await other.evaluate(() => document.getElementById('sign-out')?.click())
      await status(/^Signed out by another tab/)
      expect(await busy('sign-in-popup')).toBe(null)
      expect(await text('alert')).toBe('')
    })

    it('is offered if storage is denied', async () => {
      await context.addInitScript({ content: withoutStorage })
      await page.goto(web.url)
      await button(page, 'Sign in').click()
      await alert(/popup, or allow the page to store data/)
      const opening = page.waitForEvent('popup')
      await button(page, 'Use a popup').click()
      await allow(await opening)
      await expectSignedIn(page)
      expect(await text('scope')).toBe('this tab only')
    })
  })

  describe('signed in', () => {
    beforeEach(async () => {
      await signIn(page)
    })

    it('shows where the token is stored, and the rest of its lifetime', async () => {
      expect(await text('scope')).toBe('shared by all tabs of this browser')
      const share = () =>
        page.evaluate(() => {
          const bar = document.getElementById('time-bar') as HTMLElement
          return bar.offsetWidth / (bar.parentElement as HTMLElement).offsetWidth
        })
      await page.clock.install({ time: web.emulator.clock.now() })
      await page.reload()
      await expectSignedIn(page)
      expect(await share()).toBeCloseTo(1, 1)
      await page.clock.fastForward(30 * minute)
      await page.waitForFunction(() => document.getElementById('time-left')?.textContent?.startsWith('1 h 2'))
      expect(await share()).toBeCloseTo(0.75, 1)
    })

    it('removes all data of the user after a sign-out', async () => {
      await button(page, 'Call the API').click()
      await expectApiResponse()
      await button(page, 'Sign out').click()
      await expectSignedOut(page)
      const ids = [
        'avatar',
        'user-name',
        'user-id',
        'user-role',
        'fingerprint',
        'time-left',
        'api-status',
        'api-body',
      ]
      expect(await Promise.all(ids.map((id) => text(id)))).toEqual(ids.map(() => ''))
    })

    it('does not replace its state with an older state', async () => {
      // Delays an update of the page while it computes the fingerprint of the token.
      await page.evaluate(() => {
        const { digest } = SubtleCrypto.prototype
        const released = new Promise<void>((resolve) =>
          addEventListener('release', () => resolve(), { once: true }),
        )
        SubtleCrypto.prototype.digest = async function (...input) {
          SubtleCrypto.prototype.digest = digest
          const result = await this.digest(...input)
          dispatchEvent(new Event('held'))
          await released
          return result
        }
        return new Promise((resolve) => {
          addEventListener('held', resolve, { once: true })
          dispatchEvent(new Event('visibilitychange'))
        })
      })
      await button(page, 'Sign out').click()
      await expectSignedOut(page)
      await page.evaluate(async () => {
        dispatchEvent(new Event('release'))
        // After this message, everything that waited for the event has run.
        await new Promise(
          (resolve) => addEventListener('message', resolve, { once: true }) ?? postMessage(''),
        )
      })
      await expectSignedOut(page)
      expect(await text('user-name')).toBe('')
    })

    it('sends one request after a double click', async () => {
      const before = countRequests('/v2/user/get')
      const release = await hold('**/v2/user/get')
      await button(page, 'Call the API').dblclick()
      expect(await busy('call-api')).toBe('true')
      release()
      await expectApiResponse()
      // A second request would be sent before the sign-out.
      await button(page, 'Sign out').click()
      await status(/Signed out/)
      expect(countRequests('/v2/user/get')).toBe(before + 1)
    })

    it('is not busy after it returns from the back/forward cache', async () => {
      const release = await hold('**/v2/user/get')
      await button(page, 'Call the API').click()
      expect(await busy('call-api')).toBe('true')
      // Chromium does not cache a page with the open socket of Vite, so the test dispatches the event of a return.
      await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))
      expect(await busy('call-api')).toBe(null)
      expect(await text('status')).toBe('')
      release()
      await expectApiResponse()
    })

    it('shows an error in the viewport without the previous response, and tries again', async () => {
      await page.setViewportSize({ width: 360, height: 640 })
      await button(page, 'Call the API').click()
      await expectApiResponse()
      expect(await text('api-status')).toBe('200 OK')
      await page.route('**/v2/user/get', (route) => route.abort('internetdisconnected'))
      await button(page, 'Call the API').click()
      await alert(/cannot be reached/)
      expect(await text('api-status')).toBe('')
      expect(await text('api-body')).toBe('')
      const isInViewport = () =>
        page.evaluate(() => {
          const { top, bottom } = (document.getElementById('notice') as HTMLElement).getBoundingClientRect()
          return top >= 0 && bottom <= innerHeight
        })
      expect(await isInViewport()).toBe(true)
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
      expect(await isInViewport()).toBe(true)
      await page.unroute('**/v2/user/get')
      await button(page, 'Try again').click()
      await expectApiResponse()
      expect(await text('api-status')).toBe('200 OK')
    })

    it.each([
      [503, 1, /responded with 503\. Try again in a moment/],
      [429, 1, /responded with 429\. Try again in a moment/],
      // The service also rejects the new token.
      [401, 2, /responded with 401\. Sign out, and sign in again/],
    ] as const)('warns about a response with status %i', async (code, times, message) => {
      web.emulator.injectFault({ type: 'status', status: code, body: 'gateway', path: '/v2/user/get', times })
      await button(page, 'Call the API').click()
      await alert(message)
      expect(await text('api-status')).toContain(String(code))
      expect(await page.locator('#api-status').getAttribute('data-tone')).toBe('alert')
    })

    it('keeps the warning of a call whose new token it shows later', async () => {
      const shown = await text('fingerprint')
      // Delays the update of the page while it computes the fingerprint of the new token.
      await page.evaluate(() => {
        const { digest } = SubtleCrypto.prototype
        const released = new Promise((resolve) => addEventListener('release', resolve, { once: true }))
        SubtleCrypto.prototype.digest = async function (...input) {
          await released
          return digest.apply(this, input)
        }
      })
      const fault = { type: 'status', status: 401, body: 'gateway', path: '/v2/user/get', times: 2 } as const
      web.emulator.injectFault(fault)
      await button(page, 'Call the API').click()
      await alert(/responded with 401/)
      await page.evaluate(() => dispatchEvent(new Event('release')))
      await page.waitForFunction(
        (before) => document.getElementById('fingerprint')?.textContent !== before,
        shown,
      )
      expect(await text('alert')).toMatch(/responded with 401/)
    })

    it('says that the service did not confirm the revocation if a sign-out fails there', async () => {
      await page.route('**/v2/account/revoke', (route) => route.fulfill({ status: 503 }))
      await button(page, 'Sign out').click()
      await alert(/^You are signed out here, but the service did not confirm that it revoked your token\.$/)
      await expectSignedOut(page)
    })

    // The test loads two tabs six times, which takes long on a busy machine.
    it('deletes a session that it cannot read, in all tabs', async () => {
      const other = await openTab()
      await expectSignedIn(other)
      await page.evaluate(async () => {
        const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
          'encrypt',
          'decrypt',
        ])
        await new Promise((resolve) => {
          const opened = indexedDB.open('pds-sessions')
          opened.onsuccess = () => {
            const transaction = opened.result.transaction('rows', 'readwrite')
            // The key of webStoreKey is the row with the empty key.
            transaction.objectStore('rows').put({ record: key }, '')
            transaction.oncomplete = resolve
          }
        })
      })
      await page.reload()
      await alert(/cannot be read/)
      const reloaded = other.waitForEvent('load')
      await button(page, 'Delete it').click()
      await page
        .getByRole('alert')
        .getByText(/cannot be read/)
        .waitFor({ state: 'detached' })
      await reloaded
      await expectSignedOut(other)
      await button(page, 'Sign in').click()
      await button(page, 'Allow').click()
      await expectSignedIn(page)
      await expectSignedIn(other)
      expect(await text('fingerprint', other)).toBe(await text('fingerprint'))
    }, 60_000)
  })

  it('says what it does while it loads', async () => {
    const release = await hold('**/config.json')
    await page.goto(web.url)
    await status(/^Looking for your sign-in/)
    await page.goto(`${web.url}callback?code=code&state=state`)
    await status(/^Completing your sign-in/)
    release()
    await alert(/not started in this tab/)
    // After the alert, the page looks for a session.
    await page.locator('#loading').waitFor({ state: 'hidden' })
  })

  it('has visible borders and bars, and no empty notice, in forced colours', async () => {
    await page.emulateMedia({ forcedColors: 'active' })
    const style = (selector: string, name: string) =>
      page.locator(selector).evaluate((found, name) => getComputedStyle(found).getPropertyValue(name), name)
    expect(await style('#notice', 'border-top-color')).toBe(await style('body', 'background-color'))
    await signIn(page)
    expect(await style('.meter', 'border-top-style')).toBe('solid')
    expect(await style('#time-bar', 'background-color')).not.toBe(await style('.meter', 'background-color'))
  })

  it('fits a narrow screen', async () => {
    await page.setViewportSize({ width: 320, height: 640 })
    // Measures the elements, not the scrollable width: the space of a scrollbar would hide some overflow.
    const overflowing = () =>
      page.evaluate(() =>
        [...document.body.querySelectorAll('*')]
          .filter((found) => {
            const content = document.createRange()
            content.selectNodeContents(found)
            return [found, content].some((part) => part.getBoundingClientRect().right > innerWidth)
          })
          .map((found) => found.id || found.className || found.tagName),
      )
    expect(await overflowing()).toEqual([])
    await signIn(page)
    await button(page, 'Call the API').click()
    await expectApiResponse()
    expect(await overflowing()).toEqual([])
    web.emulator.injectFault({ type: 'status', status: 503, path: '/v2/user/get' })
    await button(page, 'Call the API').click()
    await alert(/503/)
    expect(await overflowing()).toEqual([])
  })

  it.each(['light', 'dark'] as const)('has no accessibility violations in %s mode', async (colorScheme) => {
    await page.emulateMedia({ colorScheme })
    await signIn(page)
    await button(page, 'Call the API').click()
    await expectApiResponse()
    const release = await hold('**/v2/user/get')
    await button(page, 'Call the API').click()
    expect(await findViolations(page)).toEqual([])
    release()
    await expectApiResponse()
    await page.route('**/v2/user/get', (route) => route.abort('internetdisconnected'))
    await button(page, 'Call the API').click()
    await alert(/cannot be reached/)
    expect(await findViolations(page)).toEqual([])
  })
})
