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
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type SiteServer, serveSite } from './serve-site.ts'

describe.skipIf(browserIsMissing)(`the pages of the site ${browserIsMissing || ''}`, () => {
  let browser: Browser
  let site: SiteServer
  let context: BrowserContext
  let page: Page
  let errors: string[]

  beforeAll(async () => {
    browser = await launchBrowser()
    site = await serveSite(0)
  })

  afterEach(() => context?.close())

  afterAll(async () => {
    await browser?.close()
    await site?.close()
  })

  async function openPage(address: string, options: ContextOptions = {}): Promise<void> {
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
    page = await context.newPage()
    errors = []
    page.on('pageerror', ({ message }) => void errors.push(message))
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) errors.push(message.text())
    })
    context.on('request', (request) => {
      if (!request.url().startsWith(site.origin)) errors.push(request.url())
    })
    await page.goto(site.origin + address)
    // The script of the page has started.
    if (options.javaScriptEnabled !== false)
      await page.waitForFunction(() => '__vue_app__' in (document.querySelector('#app') ?? {}))
  }

  const pages = ['home', 'guide', 'package', 'sessions', 'performance', 'security', 'api', 'source'] as const
  const addresses: Record<(typeof pages)[number], string[]> = {
    home: ['/', '/zh/'],
    guide: ['/guides/browser-page', '/zh/guides/browser-page'],
    package: ['/packages/session', '/zh/packages/session'],
    sessions: ['/sessions', '/zh/sessions'],
    performance: ['/performance', '/zh/performance'],
    security: ['/security', '/zh/security'],
    api: ['/api/session/interfaces/Session'],
    source: ['/source/docs/examples/express'],
  }
  const looks = pages.flatMap((name) => addresses[name].map((address) => ({ name, address })))

  it.each(looks)('$address is accessible and fits into the window', async ({ name, address }) => {
    await openPage(address)
    const language = address.startsWith('/zh/') ? 'zh' : 'en'
    // The colours do not depend on the width.
    for (const [width, colorScheme] of [
      [360, 'light'],
      [360, 'dark'],
      [768, 'light'],
      [1280, 'dark'],
    ] as const) {
      const look = `${width} ${colorScheme}`
      await page.setViewportSize({ width, height: 800 })
      await page.emulateMedia({ colorScheme })
      await page.waitForFunction(
        (isDark) => document.documentElement.classList.contains('dark') === isDark,
        colorScheme === 'dark',
      )
      expect(await findViolations(page), look).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth'), look).toBe(width)
      await keepScreenshot(page, `site-${name}-${language}-${width}-${colorScheme}`)
    }
    await page.emulateMedia({ colorScheme: 'light' })
    await keepScreenshot(page, `site-${name}-${language}-1280-light`)
    expect(errors).toEqual([])
  })

  // The words of each language, and the page that the first result leads to.
  it.each([
    ['/', 'createSession', /^\/api\/session\/functions\/createSession/],
    ['/', 'LoginRequired', /LoginRequired|loginrequired/],
    ['/', 'lost response', /lost/],
    ['/zh/', '刷新令牌', /^\/zh\//],
    ['/zh/', '会话', /^\/zh\//],
    ['/zh/', '重定向', /^\/zh\//],
    ['/zh/', 'LoginRequired', /^\/zh\/.*loginrequired/],
  ])('the search at %s finds %s by keyboard', async (address, words, expected) => {
    await openPage(address)
    await page.keyboard.press('Control+k')
    const box = page.locator('.search-input')
    await box.fill(words)
    await page.locator('.result.selected').waitFor()
    const first = (await page.locator('.result').first().getAttribute('href')) ?? ''
    expect(decodeURI(first)).toMatch(expected)
    await box.press('Enter')
    await page.waitForURL((url) => decodeURI(url.pathname + url.hash) === decodeURI(first))
    await page.locator('.search-input').waitFor({ state: 'detached' })
    expect(errors).toEqual([])
  })

  it('the menu of languages leads to the same page', async () => {
    await openPage('/guides/express')
    const links = () => page.locator('.VPNavBarTranslations a').first()
    expect(await links().getAttribute('href')).toBe('/zh/guides/express')
    await page.goto(`${site.origin}/zh/packages/core`)
    expect(await links().getAttribute('href')).toBe('/packages/core')
  })

  it('the menu of languages leads from a page in English only to the front page', async () => {
    await openPage('/api/session/interfaces/Session')
    expect(await page.locator('.VPNavBarTranslations a').first().getAttribute('href')).toBe('/zh/')
  })

  it('a page in Chinese has no English text of the theme', async () => {
    await openPage('/zh/guides/express')
    const labels = await page.evaluate<string[]>(
      `[...document.querySelectorAll('[aria-label], [title], .visually-hidden')].flatMap((element) =>
        [element.getAttribute('aria-label'), element.getAttribute('title'), element.matches('.visually-hidden') && element.textContent]
      ).filter(Boolean)`,
    )
    expect(labels.length).toBeGreaterThan(10)
    expect(labels.filter((label) => !/\p{Script=Han}/u.test(label))).toEqual([])
  })

  it('copies code, with a button in the language of the page', async () => {
    await openPage('/zh/guides/express')
    await page.evaluate(
      `Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { window.copied = text } } })`,
    )
    const button = page.locator('button.copy').first()
    expect(await button.getAttribute('title')).toBe('复制代码')
    await button.focus()
    await button.press('Enter')
    await page.locator('button.copied').first().waitFor()
    expect(await page.evaluate('window.copied')).toMatch(/^npm install express/)
  })

  it('the first key leads to the content, and the focus is visible', async () => {
    await openPage('/guides/express')
    await page.keyboard.press('Tab')
    const focused = () =>
      page.evaluate<{ text: string; outline: string }>(
        `({ text: document.activeElement.textContent.trim(), outline: getComputedStyle(document.activeElement).outlineStyle })`,
      )
    expect(await focused()).toEqual({ text: 'Skip to content', outline: 'solid' })
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('VPContent')
  })

  it('can be read without JavaScript', async () => {
    await openPage('/zh/sessions', { javaScriptEnabled: false })
    expect(await page.getByRole('heading', { name: /会话的工作原理/ }).isVisible()).toBe(true)
    await page.getByRole('link', { name: '快速入门', exact: true }).first().click()
    await page.waitForURL(`${site.origin}/zh/getting-started`)
  })

  it('an unknown address shows how to go on', async () => {
    const response = await fetch(`${site.origin}/missing`)
    expect(response.status).toBe(404)
    await openPage('/missing')
    await page.getByText('PAGE NOT FOUND').waitFor()
  })
})
