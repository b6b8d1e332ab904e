import { type RunningEmulator, startEmulator } from '@pds/emulator'
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
import { consoleErrors, startClientServer } from './client-server.test-helper.ts'

describe.skipIf(browserIsMissing)(`the live page ${browserIsMissing || ''}`, () => {
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let errors: string[]
  let emulator: RunningEmulator

  beforeAll(async () => {
    browser = await launchBrowser()
  })

  beforeEach(async () => {
    emulator = await startEmulator({ clock: () => Date.parse('2026-01-02T03:04:05Z') })
    await openContext()
  })

  afterEach(async () => {
    await context.close()
    await emulator.close()
  })

  afterAll(() => browser?.close())

  async function openContext(options: ContextOptions = {}): Promise<void> {
    await context?.close()
    context = await browser.newContext({ locale: 'en', ...options })
    page = await context.newPage()
    errors = consoleErrors(page)
  }

  const rows = () => page.locator('#requests > li')
  const isLive = () => page.locator('[data-is-live=true]').waitFor()

  async function openLivePage(): Promise<void> {
    await page.goto(emulator.api_endpoint)
    await isLive()
  }

  async function post(path: string, form?: Record<string, string>, headers: Record<string, string> = {}) {
    const body = form && new URLSearchParams(form)
    const response = await fetch(`${emulator.api_endpoint}${path}`, {
      method: 'POST',
      headers,
      ...(body && { body }),
    })
    return response.json()
  }

  /** Sends a sign-in, a refresh, a call, a refresh with a spent token, and a refresh whose response is lost. */
  async function sendRequests(): Promise<void> {
    const { client_id, redirect_uris } = emulator.app('native')
    const client = { client_id, redirect_uri: redirect_uris[0] ?? '' }
    const code = emulator.createCode(client)
    const grant_type = 'refresh_token'
    const first = await post('/v2/oauth/token', { ...client, grant_type: 'authorization_code', code })
    const { refresh_token } = first
    const next = await post('/v2/oauth/token', { ...client, grant_type, refresh_token })
    await fetch(`${emulator.api_endpoint}/v2/user/get`, {
      method: 'POST',
      headers: { authorization: `Bearer ${next.access_token}` },
    })
    await post('/v2/oauth/token', { ...client, grant_type, refresh_token })
    emulator.injectFault({ type: 'drop', when: 'after' })
    const lost = post('/v2/oauth/token', { ...client, grant_type, refresh_token: next.refresh_token })
    await lost.catch(() => undefined)
  }

  /** Simulates that a tab is hidden or shown: in a headless browser, each page is visible. */
  function setHidden(target: Page, isHidden: boolean): Promise<void> {
    return target.evaluate((hidden) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })
      document.dispatchEvent(new Event('visibilitychange'))
    }, isHidden)
  }

  /** Returns the facts of a row by their labels. */
  function factsOf(index: number): Promise<Record<string, string>> {
    return rows()
      .nth(index)
      .evaluate((row) => {
        const pairs = [...row.querySelectorAll('dl > div')].map((pair) => [...pair.children])
        return Object.fromEntries(pairs.map(([label, fact]) => [label?.textContent, fact?.textContent]))
      })
  }

  it('shows each new request and its token rotation', async () => {
    await openLivePage()
    await page.evaluate('globalThis.isSameDocument = true')
    expect(await page.locator('#empty').isVisible()).toBe(true)
    await sendRequests()
    await expect.poll(() => rows().count()).toBe(5)
    expect(await page.locator('#empty').isVisible()).toBe(false)
    expect(await rows().locator('.badge').allTextContents()).toEqual([
      'no response',
      '400 InvalidParameter.RefreshToken',
      '200',
      '200',
      '200',
    ])
    const [lost, rejected, called, refreshed, exchanged] = await Promise.all([0, 1, 2, 3, 4].map(factsOf))
    const [, first = ''] = /^([\w-]{8}) issued$/.exec(exchanged?.['Refresh token'] ?? '') ?? []
    expect(exchanged).toMatchObject({
      Grant: 'authorization_code',
      Application: 'native-app',
      User: 'user-1',
    })
    expect(exchanged?.Code).toMatch(/ used$/)
    const [, second = ''] = /^[\w-]{8} → ([\w-]{8})$/.exec(refreshed?.['Refresh token'] ?? '') ?? []
    expect(refreshed?.['Refresh token']).toBe(`${first} → ${second}`)
    expect(called?.['Access token']).toBe(`${refreshed?.['Access token']?.split(' → ')[1]} used`)
    expect(rejected?.['Refresh token']).toBe(`${first} used`)
    expect(lost).toMatchObject({ Fault: 'drop', 'Refresh token': expect.stringMatching(`^${second} → `) })
    expect(called).not.toHaveProperty('Fault')
    expect(await page.evaluate('globalThis.isSameDocument')).toBe(true)
    expect(errors).toEqual([])
  })

  it('leaves a connection for a sign-in when many hidden pages are open', async () => {
    const pages = [page]
    while (pages.length < 6) pages.push(await context.newPage())
    for (const each of pages) {
      await each.goto(emulator.api_endpoint)
      await each.locator('[data-is-live=true]').waitFor()
      await setHidden(each, true)
    }
    const other = await context.newPage()
    await other.goto(`${emulator.api_endpoint}/v2/oauth/authorize?client_id=unknown`)
    expect(await other.locator('h1').textContent()).toBe('This sign-in cannot continue')
    await other.close()
    expect(await rows().count()).toBe(0)
    await setHidden(page, false)
    await isLive()
    await expect
      .poll(() => rows().locator('.badge').allTextContents())
      .toEqual(['400 InvalidParameter.ClientId'])
    // Requests that the page has shown are not added again.
    await setHidden(page, true)
    await post('/v2/user/get')
    await setHidden(page, false)
    await expect.poll(() => rows().count()).toBe(2)
    await post('/v2/user/get')
    await expect.poll(() => rows().count()).toBe(3)
    expect(errors).toEqual([])
  })

  it('reconnects after a response that is not an event stream', async () => {
    await page.route('**/_emulator/requests?*', (route) => route.fulfill({ status: 503, body: 'no' }), {
      times: 2,
    })
    await page.goto(emulator.api_endpoint)
    await page.getByText('Disconnected').waitFor()
    await isLive()
    await post('/v2/user/get')
    await expect.poll(() => rows().count()).toBe(1)
  })

  it('shows local times for requests before and after it was opened', async () => {
    await post('/v2/user/get')
    for (const [timezoneId, time] of [
      ['Asia/Tokyo', '12:04:05'],
      ['America/New_York', '22:04:05'],
    ] as const) {
      await openContext({ timezoneId })
      await openLivePage()
      const { length } = emulator.requests
      await post('/v2/user/get')
      await expect.poll(() => rows().locator('time').allTextContents()).toEqual(Array(length + 1).fill(time))
    }
  })

  it('omits the list of facts from a row without facts', async () => {
    await openLivePage()
    await post('/v2/user/get')
    await expect.poll(() => rows().count()).toBe(1)
    expect(await rows().locator('dl').count()).toBe(0)
  })

  it('aligns the tops of its columns', async () => {
    await openContext({ viewport: { width: 1200, height: 800 } })
    await openLivePage()
    const top = (name: string) =>
      page.getByRole('heading', { name, exact: true }).evaluate((heading) => {
        const range = document.createRange()
        range.selectNodeContents(heading)
        return Math.round(range.getBoundingClientRect().top)
      })
    expect(await top('Applications')).toBe(await top('Requests'))
  })

  it('distinguishes live from paused in forced colors', async () => {
    await openContext({ forcedColors: 'active' })
    await openLivePage()
    const dot = () =>
      page.locator('#state').evaluate((state) => {
        return getComputedStyle(state, '::before').borderTopWidth
      })
    const live = await dot()
    await page.locator('#pause').click()
    expect([live, await dot()]).toEqual(['6px', '2px'])
  })

  it('renders earlier requests like streamed requests', async () => {
    await openLivePage()
    await sendRequests()
    await expect.poll(() => rows().count()).toBe(5)
    const markup = () =>
      page.locator('#requests').evaluate((list) => list.innerHTML.replace(/\s+/g, ' ').trim())
    const streamed = await markup()
    await page.reload()
    await isLive()
    const rendered = await markup()
    const normal = (text: string) => text.replaceAll('> <', '><')
    expect(normal(streamed)).toBe(normal(rendered))
    await post('/v2/user/get')
    await expect.poll(() => rows().count()).toBe(6)
  })

  it('announces many new requests at once', async () => {
    await openLivePage()
    await page.locator('#pause').click()
    await sendRequests()
    await expect.poll(() => page.locator('#pause').textContent()).toBe('Resume (5)')
    await page.locator('#pause').click()
    await expect.poll(() => page.locator('#announcement').textContent()).toBe('New requests: 5')
  })

  /** Signs a user in on the sign-in pages, in another tab. */
  async function signIn(tab: Page): Promise<void> {
    const client = await startClientServer()
    const query = new URLSearchParams({
      client_id: 'native-app',
      redirect_uri: `${client.origin}/callback`,
      response_type: 'code',
      login_type: 'default',
      prompt: 'login',
    })
    await tab.goto(`${emulator.api_endpoint}/v2/oauth/authorize?${query}`)
    await tab.getByRole('button', { name: 'User 1' }).click()
    await tab.getByRole('button', { name: 'Allow' }).click()
    await tab.getByText('The application').waitFor()
    await client.close()
  }

  it('shows one row for each sign-in, before and after it was opened', async () => {
    const tab = await context.newPage()
    await signIn(tab)
    await openLivePage()
    expect(await rows().count()).toBe(1)
    await signIn(tab)
    await expect.poll(() => rows().count()).toBe(2)
    await expect.poll(async () => (await factsOf(0)).Code).toMatch(/ issued$/)
    for (const index of [0, 1]) {
      expect(await factsOf(index)).toMatchObject({ Requests: '4', Application: 'native-app', User: 'user-1' })
    }
    const details = await rows().first().locator('pre').textContent()
    expect(JSON.parse(details ?? '').map(({ status }: { status: number }) => status)).toEqual([
      200, 303, 200, 303,
    ])
    // A sign-in that is under way when the page is opened gets its other requests in the same row.
    await tab.goto(`${emulator.api_endpoint}/v2/oauth/authorize?client_id=native-app`)
    await page.reload()
    await isLive()
    expect(await rows().count()).toBe(3)
    await tab.reload()
    await expect.poll(async () => (await factsOf(0)).Requests).toBe('2')
    expect(await rows().count()).toBe(3)
    await tab.close()
    expect(errors).toEqual([])
  })

  it('shows the rows that contain the text of the filter', async () => {
    await openLivePage()
    await sendRequests()
    await expect.poll(() => rows().count()).toBe(5)
    const visible = () => page.locator('#requests > li:not([hidden])').count()
    await page.getByLabel('Filter requests').fill('USER/GET')
    expect(await visible()).toBe(1)
    await post('/v2/user/get')
    await post('/v2/oauth/token', { client_id: 'x' })
    await expect.poll(() => rows().count()).toBe(7)
    expect(await visible()).toBe(2)
    await page.getByLabel('Filter requests').fill('')
    expect(await visible()).toBe(7)
  })

  it('clears the list and the log', async () => {
    await openLivePage()
    await sendRequests()
    await expect.poll(() => rows().count()).toBe(5)
    await page.getByRole('button', { name: 'Clear', exact: true }).click()
    await expect.poll(() => rows().count()).toBe(0)
    expect(await page.locator('#empty').isVisible()).toBe(true)
    expect(emulator.requests).toEqual([])
    await post('/v2/user/get')
    await expect.poll(() => rows().count()).toBe(1)
  })

  it('copies values, secrets and details', async () => {
    await page.addInitScript(() => {
      const clipboard = { text: '', writeText: async (text: string) => Object.assign(clipboard, { text }) }
      Object.defineProperty(navigator, 'clipboard', { value: clipboard })
    })
    await post('/v2/user/get')
    await openLivePage()
    const copied = async (name: string) => {
      await page.getByRole('button', { name, exact: true }).click()
      await page.getByRole('button', { name, exact: true }).getByText('Copied').waitFor()
      return page.evaluate('navigator.clipboard.text')
    }
    expect(await page.evaluate('document.documentElement.outerHTML')).not.toContain('webserver-app-secret')
    expect(await copied(`Copy ${emulator.api_endpoint}`)).toBe(emulator.api_endpoint)
    expect(await copied('Copy the secret of webserver-app')).toBe('webserver-app-secret')
    expect(await copied('Copy the secret of jwt-app')).toBe(emulator.app('jwt').private_key_pem)
    await rows().first().locator('summary').click()
    await rows().first().locator('button').click()
    await expect
      .poll(async () => JSON.parse(String(await page.evaluate('navigator.clipboard.text'))))
      .toEqual(JSON.parse(JSON.stringify(emulator.requests[0])))
  })

  it('controls sessions, the clock, codes, faults and users', async () => {
    await openLivePage()
    /** Selects the option with a text. */
    const select = (id: string, text: string) =>
      page.locator(`#${id}`).evaluate((list, label) => {
        const options = [...(list as HTMLSelectElement).options]
        ;(list as HTMLSelectElement).selectedIndex = options.findIndex((option) => option.text === label)
        list.dispatchEvent(new Event('change', { bubbles: true }))
      }, text)
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
    await page.getByText('No user is signed in.').waitFor()
    await page.getByLabel('User id').fill('ann')
    await press('Create the user')
    await page.locator('#users').getByText('ann').waitFor()
    await select('code-app', 'native-app')
    await page.locator('#code-user').fill('ann')
    await press('Create a code')
    await expect.poll(() => page.locator('#code').textContent()).toMatch(/^[\da-f]{32}$/)
    const { client_id, redirect_uris } = emulator.app('native')
    const code = (await page.locator('#code').textContent()) ?? ''
    const client = { client_id, redirect_uri: redirect_uris[0] ?? '' }
    expect(await post('/v2/oauth/token', { ...client, grant_type: 'code', code })).toMatchObject({
      user_id: 'ann',
    })

    await page.locator('#sessions').getByText('ann').waitFor()
    await press('+2 hours')
    await expect.poll(() => emulator.clock.now()).toBe(Date.parse('2026-01-02T05:04:05Z'))
    await expect.poll(() => page.locator('#clock').getAttribute('datetime')).toBe('2026-01-02T05:04:05.000Z')
    await press('Reset')
    await expect.poll(() => emulator.clock.now()).toBe(Date.parse('2026-01-02T03:04:05Z'))

    await page.getByLabel('As JSON').fill('{"type": "flood"}')
    await press('Inject')
    await page.getByRole('alert').getByText('fault.type must be one of status').waitFor()
    await page.getByLabel('As JSON').fill('{')
    await press('Inject')
    await page.getByRole('alert').getByText('The fault is not JSON.').waitFor()
    await select('fault-preset', 'Unavailable: 503')
    await press('Inject')
    await page.locator('#faults').getByText('503').waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
    expect(emulator.faults).toEqual([{ type: 'status', status: 503, times: 1 }])
    await press('Clear faults')
    await expect.poll(() => emulator.faults).toEqual([])

    await press('End')
    await page.getByText('No user is signed in.').waitFor()
    expect(emulator.sessions).toEqual([])
  })

  it('can be paused', async () => {
    await openLivePage()
    const pause = page.locator('#pause')
    await pause.click()
    expect(await page.locator('#state').textContent()).toBe('Paused')
    await post('/v2/user/get')
    await post('/v2/user/get')
    await expect.poll(() => pause.textContent()).toBe('Resume (2)')
    expect(await rows().count()).toBe(0)
    await pause.click()
    expect(await rows().count()).toBe(2)
    expect(await pause.textContent()).toBe('Pause')
  })

  it('shows the latest of many requests', async () => {
    await openLivePage()
    for (let n = 0; n < 203; n++) {
      await emulator.fetch(`${emulator.api_endpoint}/v2/oauth/authorize?client_id=n${n}`)
    }
    const clients = rows().locator('[data-text=client_id]')
    await expect.poll(() => clients.first().textContent()).toBe('n202')
    expect([await clients.count(), await clients.last().textContent()]).toEqual([200, 'n3'])
  })

  it('escapes values from requests', async () => {
    await openLivePage()
    const hostile = '<img src=x onerror=alert(1)>'
    await post('/v2/oauth/token', { client_id: hostile, [hostile]: hostile })
    await expect.poll(() => rows().count()).toBe(1)
    expect(await factsOf(0)).toEqual({ Application: hostile })
    expect(await page.locator('#requests img').count()).toBe(0)
    expect(errors).toEqual([])
  })

  it('reloads when another emulator replaces its emulator', async () => {
    await openLivePage()
    await post('/v2/user/get')
    await expect.poll(() => rows().count()).toBe(1)
    const { port } = emulator
    await emulator.close()
    await page.getByText('Disconnected').waitFor()
    emulator = await startEmulator({ port, domain_id: 'next' })
    await page.locator('dd').filter({ hasText: 'next' }).waitFor()
    await isLive()
    expect(await rows().count()).toBe(0)
  })

  it('shows the list without JavaScript', async () => {
    await openContext({ javaScriptEnabled: false })
    await page.goto(emulator.api_endpoint)
    expect(await page.getByText('No requests yet').isVisible()).toBe(true)
    await sendRequests()
    await page.getByRole('link', { name: 'Reload the list' }).click()
    expect(await rows().count()).toBe(5)
    expect(await page.locator('#pause').isVisible()).toBe(false)
  })

  // Color scheme and language are independent, so two combinations cover all values.
  const looks = [
    { colorScheme: 'light', locale: 'en' },
    { colorScheme: 'dark', locale: 'zh-CN' },
  ] as const

  it.each(looks)('is accessible in $colorScheme and $locale', async ({ colorScheme, locale }) => {
    await openContext({ colorScheme, locale })
    await openLivePage()
    expect(await page.locator('#requests-heading').textContent()).toBe(locale === 'en' ? 'Requests' : '请求')
    expect(await findViolations(page)).toEqual([])
    await sendRequests()
    await expect.poll(() => rows().count()).toBe(5)
    await rows().nth(1).locator('summary').click()
    expect(await findViolations(page)).toEqual([])
    expect(errors).toEqual([])
  })

  it.each([320, 360])('is readable at %i pixels', async (width) => {
    await openContext({ viewport: { width, height: 600 } })
    await openLivePage()
    await sendRequests()
    await signIn(await context.newPage())
    await post('/plain_words'.repeat(10), { client_id: 'c'.repeat(100) }).catch(() => undefined)
    await expect.poll(() => rows().count()).toBe(7)
    await rows().nth(1).locator('summary').click()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    expect(await findViolations(page)).toEqual([])
  })
})
