import {
  type Browser,
  type BrowserContext,
  browserIsMissing,
  type ContextOptions,
  findViolations,
  launchBrowser,
  type Page,
} from 'shared/browser'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Domain, startDomain } from '../started-sign-in.test-helper.ts'

describe.skipIf(browserIsMissing)(`the page after a sign-in ${browserIsMissing || ''}`, () => {
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let errors: string[]
  let domain: Domain

  beforeAll(async () => {
    browser = await launchBrowser()
    domain = await startDomain()
  })

  afterEach(() => context.close())

  afterAll(async () => {
    await browser?.close()
    await domain?.close()
  })

  async function openPage(options: ContextOptions = {}): Promise<void> {
    context = await browser.newContext({ locale: 'en', ...options })
    page = await context.newPage()
    errors = []
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
    page.on('pageerror', (error) => errors.push(error.message))
  }

  const press = (name: string) => page.getByRole('button', { name }).click()
  const title = (text: string) => page.getByRole('heading', { name: text }).waitFor()

  it('appears when the user allows access, and its address has no code', async () => {
    await openPage()
    const { url, token, redirectUri } = await domain.start()
    await page.goto(url.href)
    await page.getByLabel('User id').fill('ann')
    await press('Sign in')
    await press('Allow')
    await title('You are signed in')
    expect(await token).toMatchObject({ user_name: 'Ann' })
    expect(page.url()).toBe(redirectUri.href)
    expect(errors).toEqual([])
  })

  it('appears when the user denies access', async () => {
    await openPage()
    const { url, token, redirectUri } = await domain.start()
    const failed = expect(token).rejects.toMatchObject({ code: 'access_denied' })
    await page.goto(url.href)
    await press('Cancel')
    await title('Sign-in failed')
    await page.getByText('access_denied', { exact: true }).waitFor()
    await failed
    expect(page.url()).toBe(redirectUri.href)
  })

  it('can be of the application, with its styles and without its scripts', async () => {
    await openPage()
    const html = `<!doctype html><html lang="en"><title>Mine</title><h1 style="color: rgb(1, 2, 3)">Welcome</h1>
      <script>document.title = 'changed'</script><img src="x" onerror="document.title = 'changed'" alt="">`
    const { url, token, redirectUri } = await domain.start({ page: () => html })
    url.searchParams.set('user_id', 'ann')
    await page.goto(url.href)
    await token
    const seen = await page.evaluate(() => [
      document.title,
      getComputedStyle(document.querySelector('h1') as Element).color,
    ])
    expect(seen).toEqual(['Mine', 'rgb(1, 2, 3)'])
    expect(page.url()).toBe(redirectUri.href)
  })

  it.each([
    ['light', 'en', 'You are signed in', 'Sign-in failed', 'This page belongs to another sign-in'],
    ['dark', 'zh-CN', '登录成功', '登录失败', '此页面属于另一次登录'],
  ] as const)(
    'is readable on a small screen: %s, %s',
    async (colorScheme, locale, signedIn, failed, foreign) => {
      await openPage({ colorScheme, locale, viewport: { width: 360, height: 640 } })
      const check = async (name: string) => {
        await title(name)
        expect(await findViolations(page)).toEqual([])
        const { scrollWidth } = await page.evaluate(() => ({
          scrollWidth: document.documentElement.scrollWidth,
        }))
        expect(scrollWidth).toBeLessThanOrEqual(360)
      }
      const first = await domain.start()
      await page.goto(`${first.redirectUri}?code=c&state=forged`)
      await check(foreign)
      first.url.searchParams.set('user_id', 'ann')
      await page.goto(first.url.href)
      await check(signedIn)
      await first.token

      const second = await domain.start()
      const rejected = expect(second.token).rejects.toMatchObject({ outcome: 'responded' })
      await page.goto(second.callback({ error: 'a_long_code_'.repeat(12) }).href)
      await check(failed)
      await rejected
    },
  )
})
