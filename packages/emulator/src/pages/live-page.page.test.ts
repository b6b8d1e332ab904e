import { type RunningEmulator, startEmulator } from '@pds/emulator'
import {
  type Browser,
  type BrowserContext,
  browserIsMissing,
  type ContextOptions,
  findViolations,
  keepScreenshot,
  launchBrowser,
  type Page,
} from 'shared/browser'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { consoleErrors } from './client-server.test-helper.ts'

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

  async function ask(path: string, form?: Record<string, string>, headers: Record<string, string> = {}) {
    const body = form && new URLSearchParams(form)
    const answer = await fetch(`${emulator.api_endpoint}${path}`, {
      method: 'POST',
      headers,
      ...(body && { body }),
    })
    return answer.json()
  }

  /** A sign-in, a refresh, a call, a refresh with a spent token and one whose answer is lost. */
  async function live(): Promise<void> {
    const { client_id, redirect_uris } = emulator.app('native')
    const client = { client_id, redirect_uri: redirect_uris[0] ?? '' }
    const code = emulator.createCode(client)
    const grant_type = 'refresh_token'
    const first = await ask('/v2/oauth/token', { ...client, grant_type: 'authorization_code', code })
    const { refresh_token } = first
    const next = await ask('/v2/oauth/token', { ...client, grant_type, refresh_token })
    await fetch(`${emulator.api_endpoint}/v2/user/get`, {
      method: 'POST',
      headers: { authorization: `Bearer ${next.access_token}` },
    })
    await ask('/v2/oauth/token', { ...client, grant_type, refresh_token })
    emulator.injectFault({ type: 'drop', when: 'after' })
    const lost = ask('/v2/oauth/token', { ...client, grant_type, refresh_token: next.refresh_token })
    await lost.catch(() => undefined)
  }

  /** What a tab is told when another one is put in front of it: without a window each page is visible. */
  function setHidden(target: Page, isHidden: boolean): Promise<void> {
    return target.evaluate((hidden) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })
      document.dispatchEvent(new Event('visibilitychange'))
    }, isHidden)
  }

  /** The text of each fact of a row by its label. */
  function factsOf(index: number): Promise<Record<string, string>> {
    return rows()
      .nth(index)
      .evaluate((row) => {
        const pairs = [...row.querySelectorAll('dl > div')].map((pair) => [...pair.children])
        return Object.fromEntries(pairs.map(([label, fact]) => [label?.textContent, fact?.textContent]))
      })
  }

  it('shows each request as it comes, and which token became which', async () => {
    await openLivePage()
    await page.evaluate('globalThis.isSameDocument = true')
    expect(await page.locator('#empty').isVisible()).toBe(true)
    await live()
    await expect.poll(() => rows().count()).toBe(5)
    expect(await page.locator('#empty').isVisible()).toBe(false)
    expect(await rows().locator('.outcome').allTextContents()).toEqual([
      'no answer',
      '400 InvalidParameter.RefreshToken',
      '200',
      '200',
      '200',
    ])
    const [lost, refused, called, refreshed, exchanged] = await Promise.all([0, 1, 2, 3, 4].map(factsOf))
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
    expect(refused?.['Refresh token']).toBe(`${first} used`)
    expect(lost).toMatchObject({ Fault: 'drop', 'Refresh token': expect.stringMatching(`^${second} → `) })
    expect(called).not.toHaveProperty('Fault')
    expect(await page.evaluate('globalThis.isSameDocument')).toBe(true)
    expect(errors).toEqual([])
  })

  it('leaves a sign-in its connection, however many are open', async () => {
    const pages = [page]
    while (pages.length < 6) pages.push(await context.newPage())
    for (const each of pages) {
      await each.goto(emulator.api_endpoint)
      await each.locator('[data-is-live=true]').waitFor()
      await setHidden(each, true)
    }
    const other = await context.newPage()
    await other.goto(`${emulator.api_endpoint}/v2/oauth/authorize?client_id=nobody`)
    expect(await other.locator('h1').textContent()).toBe('This sign-in cannot go on')
    await other.close()
    expect(await rows().count()).toBe(0)
    await setHidden(page, false)
    await isLive()
    await expect
      .poll(() => rows().locator('.outcome').allTextContents())
      .toEqual(['400 InvalidParameter.ClientId'])
    // And what it has seen does not come again.
    await setHidden(page, true)
    await ask('/v2/user/get')
    await setHidden(page, false)
    await expect.poll(() => rows().count()).toBe(2)
    await ask('/v2/user/get')
    await expect.poll(() => rows().count()).toBe(3)
    expect(errors).toEqual([])
  })

  it('comes back after an answer that is no stream', async () => {
    await page.route('**/_emulator/requests?*', (route) => route.fulfill({ status: 503, body: 'no' }), {
      times: 2,
    })
    await page.goto(emulator.api_endpoint)
    await page.getByText('Disconnected').waitFor()
    await isLive()
    await ask('/v2/user/get')
    await expect.poll(() => rows().count()).toBe(1)
  })

  it('shows the time of its reader, of what came before and after it was opened', async () => {
    await ask('/v2/user/get')
    for (const [timezoneId, time] of [
      ['Asia/Tokyo', '12:04:05'],
      ['America/New_York', '22:04:05'],
    ] as const) {
      await openContext({ timezoneId })
      await openLivePage()
      const { length } = emulator.requests
      await ask('/v2/user/get')
      await expect.poll(() => rows().locator('time').allTextContents()).toEqual(Array(length + 1).fill(time))
    }
  })

  it('has a row without facts without a list of them', async () => {
    await openLivePage()
    await ask('/v2/user/get')
    await expect.poll(() => rows().count()).toBe(1)
    expect(await rows().locator('dl').count()).toBe(0)
  })

  it('begins its columns at one height', async () => {
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

  it('tells live from paused in forced colors', async () => {
    await openContext({ forcedColors: 'active' })
    await openLivePage()
    const dot = () =>
      page.locator('#state').evaluate((state) => {
        return getComputedStyle(state, '::before').borderTopWidth
      })
    const live = await dot()
    await page.locator('#pause').click()
    expect([live, await dot()]).toEqual(['7px', '2px'])
  })

  it('makes the same of a request that came before it was opened', async () => {
    await openLivePage()
    await live()
    await expect.poll(() => rows().count()).toBe(5)
    const markup = () =>
      page.locator('#requests').evaluate((list) => list.innerHTML.replace(/\s+/g, ' ').trim())
    const streamed = await markup()
    await page.reload()
    await isLive()
    const rendered = await markup()
    const normal = (text: string) => text.replaceAll('> <', '><')
    expect(normal(streamed)).toBe(normal(rendered))
    await ask('/v2/user/get')
    await expect.poll(() => rows().count()).toBe(6)
  })

  it('tells of new requests once for many', async () => {
    await openLivePage()
    await page.locator('#pause').click()
    await live()
    await expect.poll(() => page.locator('#pause').textContent()).toBe('Resume (5)')
    await page.locator('#pause').click()
    await expect.poll(() => page.locator('#announcement').textContent()).toBe('New requests: 5')
  })

  it('can be paused', async () => {
    await openLivePage()
    const pause = page.locator('#pause')
    await pause.click()
    expect(await page.locator('#state').textContent()).toBe('Paused')
    await ask('/v2/user/get')
    await ask('/v2/user/get')
    await expect.poll(() => pause.textContent()).toBe('Resume (2)')
    expect(await rows().count()).toBe(0)
    await pause.click()
    expect(await rows().count()).toBe(2)
    expect(await pause.textContent()).toBe('Pause')
  })

  it('shows the last of many', async () => {
    await openLivePage()
    for (let n = 0; n < 203; n++) {
      await emulator.fetch(`${emulator.api_endpoint}/v2/oauth/authorize?client_id=n${n}`)
    }
    const clients = rows().locator('[data-text=client_id]')
    await expect.poll(() => clients.first().textContent()).toBe('n202')
    expect([await clients.count(), await clients.last().textContent()]).toEqual([200, 'n3'])
  })

  it('takes nothing that it is told for markup', async () => {
    await openLivePage()
    const hostile = '<img src=x onerror=alert(1)>'
    await ask('/v2/oauth/token', { client_id: hostile, [hostile]: hostile })
    await expect.poll(() => rows().count()).toBe(1)
    expect(await factsOf(0)).toEqual({ Application: hostile })
    expect(await page.locator('img').count()).toBe(0)
    expect(errors).toEqual([])
  })

  it('begins anew when another emulator has taken the place of its own', async () => {
    await openLivePage()
    await ask('/v2/user/get')
    await expect.poll(() => rows().count()).toBe(1)
    const { port } = emulator
    await emulator.close()
    await page.getByText('Disconnected').waitFor()
    emulator = await startEmulator({ port, domain_id: 'next' })
    await page.locator('dd').filter({ hasText: 'next' }).waitFor()
    await isLive()
    expect(await rows().count()).toBe(0)
  })

  it('shows a list without a script, too', async () => {
    await openContext({ javaScriptEnabled: false })
    await page.goto(emulator.api_endpoint)
    expect(await page.getByText('Nothing was asked yet').isVisible()).toBe(true)
    await live()
    await page.getByRole('link', { name: 'Load the list again' }).click()
    expect(await rows().count()).toBe(5)
    expect(await page.locator('#pause').isVisible()).toBe(false)
  })

  // Colours have nothing to do with the language.
  const looks = [
    { colorScheme: 'light', locale: 'en' },
    { colorScheme: 'dark', locale: 'zh-CN' },
  ] as const

  it.each(looks)('hinders nobody in $colorScheme and $locale', async ({ colorScheme, locale }) => {
    await openContext({ colorScheme, locale })
    await openLivePage()
    const name = `emulator-live-${locale.slice(0, 2)}-${colorScheme}`
    expect(await page.locator('#requests-heading').textContent()).toBe(locale === 'en' ? 'Requests' : '请求')
    expect(await findViolations(page)).toEqual([])
    await keepScreenshot(page, `${name}-empty`)
    await live()
    await expect.poll(() => rows().count()).toBe(5)
    await rows().nth(1).locator('summary').click()
    expect(await findViolations(page)).toEqual([])
    await keepScreenshot(page, name)
    expect(errors).toEqual([])
  })

  it('is readable at 320 pixels', async () => {
    await openContext({ viewport: { width: 320, height: 600 } })
    await openLivePage()
    await live()
    await ask('/plain_words'.repeat(10), { client_id: 'c'.repeat(100) }).catch(() => undefined)
    await expect.poll(() => rows().count()).toBe(6)
    await rows().nth(1).locator('summary').click()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    expect(await findViolations(page)).toEqual([])
    await keepScreenshot(page, 'emulator-live-320')
  })
})
