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
import { type ClientServer, consoleErrors, startClientServer } from './client-server.test-helper.ts'

const longName =
  'An application with a name of very many words and one of averyveryverylongkindthatdoesnotbreak'

describe.skipIf(browserIsMissing)(`signing in ${browserIsMissing || ''}`, () => {
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let errors: string[]
  let client: ClientServer
  let elsewhere: ClientServer
  let emulator: RunningEmulator

  beforeAll(async () => {
    browser = await launchBrowser()
    elsewhere = await startClientServer()
    client = await startClientServer(`${elsewhere.origin}/end`)
  })

  beforeEach(async () => {
    emulator = await startEmulator({
      users: [
        { user_id: 'ann', user_name: 'Ann' },
        { user_id: 'bob' },
        { user_id: 'x'.repeat(90), user_name: longName },
      ],
      apps: [
        {
          type: 'browser',
          client_id: 'app',
          name: 'Photo Album',
          redirect_uris: [`${client.origin}/callback`, `${client.origin}/onward`],
        },
        {
          type: 'native',
          client_id: 'long-app',
          name: longName,
          redirect_uris: [`${client.origin}/${'a'.repeat(100)}`],
        },
      ],
    })
    client.referrers.length = 0
    await openContext()
  })

  afterEach(async () => {
    await context.close()
    await emulator.close()
  })

  afterAll(async () => {
    await browser?.close()
    await client?.close()
    await elsewhere?.close()
  })

  async function openContext(options: ContextOptions = {}): Promise<void> {
    await context?.close()
    context = await browser.newContext({ locale: 'en', ...options })
    page = await context.newPage()
    errors = consoleErrors(page)
  }

  function authorizationUrl(changes: Record<string, string> = {}): string {
    const query = {
      client_id: 'app',
      redirect_uri: `${client.origin}/callback`,
      response_type: 'code',
      login_type: 'default',
      state: 'the-state',
      ...changes,
    }
    return `${emulator.api_endpoint}/v2/oauth/authorize?${new URLSearchParams(query)}`
  }

  const heading = () => page.locator('h1').textContent()
  const focused = () => page.evaluate('document.activeElement.textContent.trim()')
  const press = (name: string) => page.getByRole('button', { name }).click()

  /** Waits for the redirect to the application and returns its parameters. */
  async function callbackParams(): Promise<Record<string, string>> {
    await page.waitForURL(`${client.origin}/callback?**`)
    return Object.fromEntries(new URL(page.url()).searchParams)
  }

  it('works without JavaScript', async () => {
    await openContext({ javaScriptEnabled: false })
    await page.goto(authorizationUrl({ scope: 'file:read' }))
    expect(await heading()).toBe('Sign in')
    await page.getByLabel('User id').fill('unknown')
    await press('Sign in')
    expect(await page.getByRole('alert').textContent()).toBe('This domain has no user with the id “unknown”.')
    expect(await page.getByLabel('User id').inputValue()).toBe('unknown')
    await page.getByLabel('User id').fill('bob')
    await press('Sign in')
    expect(await heading()).toBe('Allow access?')
    expect(await page.locator('main').textContent()).toMatch(/Photo Album.*bob.*file:read/s)
    await press('Allow')
    expect(await callbackParams()).toEqual({
      state: 'the-state',
      code: expect.stringMatching(/^[\da-f]{32}$/),
    })
    // Another site receives no referrer.
    expect(client.referrers).toEqual([undefined])
    expect(errors).toEqual([])
  })

  it('works with the keyboard alone and remembers the user', async () => {
    await page.goto(authorizationUrl())
    await page.keyboard.press('Tab')
    expect(await focused()).toMatch(/Ann/)
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid')
    await page.keyboard.press('Enter')
    await page.waitForFunction('document.querySelector("h1").textContent === "Allow access?"')
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Use another user')
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Allow')
    await page.keyboard.press('Enter')
    const first = await callbackParams()
    await page.goto(authorizationUrl())
    expect(await heading()).toBe('Allow access?')
    for (let n = 0; n < 2; n++) await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect((await callbackParams()).code).not.toBe(first.code)
    expect(errors).toEqual([])
  })

  it('focuses the invalid field', async () => {
    await page.goto(authorizationUrl())
    await page.getByLabel('User id').focus()
    await page.keyboard.type('unknown')
    await page.keyboard.press('Enter')
    const field = page.getByRole('textbox', { description: 'This domain has no user with the id “unknown”.' })
    await field.waitFor()
    expect(await field.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true)
    await page.keyboard.type('y')
    expect(await field.inputValue()).toContain('y')
  })

  it('can be denied', async () => {
    await page.goto(authorizationUrl())
    await press('Ann')
    await press('Deny')
    expect(await callbackParams()).toMatchObject({ error: 'access_denied', state: 'the-state' })
    await page.goto(authorizationUrl({ prompt: 'login' }))
    await press('Cancel')
    expect(await callbackParams()).toMatchObject({ error: 'access_denied' })
    expect(errors).toEqual([])
  })

  it('works again after the back button', async () => {
    await page.goto(authorizationUrl())
    await press('Ann')
    await press('Allow')
    const first = await callbackParams()
    await page.goBack()
    expect(await heading()).toBe('Allow access?')
    await press('Allow')
    const second = await callbackParams()
    expect(second).toEqual({ state: 'the-state', code: expect.any(String) })
    expect(second.code).not.toBe(first.code)
    // Back to the form before the sign-in.
    await page.goBack()
    await page.goBack()
    expect(['Sign in', 'Allow access?']).toContain(await heading())
    expect(errors).toEqual([])
  })

  it('explains a form that is out of date after a sign-in in another tab', async () => {
    await page.goto(authorizationUrl())
    const other = await context.newPage()
    await other.goto(authorizationUrl())
    await other.getByRole('button', { name: 'bob' }).click()
    await other.getByRole('button', { name: 'Allow' }).waitFor()
    await press('Ann')
    expect(await heading()).toBe('This form is out of date')
    expect(await findViolations(page)).toEqual([])
    await page.getByRole('link', { name: 'Continue the sign-in' }).click()
    expect(await heading()).toBe('Allow access?')
    expect(await page.locator('main').textContent()).toContain('bob')
    expect(errors).toEqual([])
  })

  it('follows a redirect of the application to another port', async () => {
    await page.goto(authorizationUrl({ redirect_uri: `${client.origin}/onward` }))
    await press('Ann')
    await press('Allow')
    await page.waitForURL(`${elsewhere.origin}/end`)
    expect(errors).toEqual([])
  })

  it('does not leave the emulator if the redirect URI is not registered', async () => {
    await page.goto(authorizationUrl({ redirect_uri: 'https://evil.test/' }))
    expect(await heading()).toBe('This sign-in cannot continue')
    expect(new URL(page.url()).origin).toBe(emulator.api_endpoint)
    await page.getByRole('link', { name: 'View the domain and its applications' }).click()
    expect(await heading()).toBe('PDS emulator')
    expect(client.referrers).toEqual([])
    expect(errors).toEqual([])
  })

  it('keeps the opener of a popup', async () => {
    await page.goto(client.origin)
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      page.evaluate(`void open(${JSON.stringify(authorizationUrl())}, 'popup', 'popup')`),
    ])
    await popup.getByRole('button', { name: 'Ann' }).click()
    await popup.getByRole('button', { name: 'Allow' }).click()
    await popup.waitForURL(`${client.origin}/callback?**`)
    expect(await popup.evaluate('opener.location.href')).toBe(`${client.origin}/`)
  })

  it('cannot be framed', async () => {
    await page.goto(client.origin)
    await page.evaluate(
      `document.body.innerHTML = '<iframe src="${authorizationUrl().replaceAll('&', '&amp;')}"></iframe>'`,
    )
    await expect.poll(() => errors.join()).toContain('frame-ancestors')
    expect(await page.frames()[1]?.locator('form').count()).toBe(0)
  })

  // Color scheme and language are independent, so two combinations cover all values.
  const looks = [
    { colorScheme: 'light', locale: 'en' },
    { colorScheme: 'dark', locale: 'zh-CN' },
  ] as const

  it.each(looks)('is accessible in $colorScheme and $locale', async ({ colorScheme, locale }) => {
    await openContext({ colorScheme, locale })
    const language = locale === 'en' ? 'en' : 'zh'
    const words =
      language === 'en'
        ? {
            signIn: 'Sign in',
            unknownUser: 'Sign in',
            consent: 'Allow access?',
            error: 'This sign-in cannot continue',
          }
        : { signIn: '登录', unknownUser: '登录', consent: '允许访问吗？', error: '无法继续登录' }
    const look = async (name: keyof typeof words) => {
      expect(await heading()).toBe(words[name])
      expect(await page.locator('html').getAttribute('lang')).toBe(language === 'en' ? 'en' : 'zh-Hans')
      expect(await findViolations(page)).toEqual([])
    }
    await page.goto(authorizationUrl({ scope: 'file:read user:read' }))
    await look('signIn')
    await page.locator('#user').fill('unknown')
    await page.locator('#user').press('Enter')
    await page.locator('[role=alert]').waitFor()
    await look('unknownUser')
    await page.locator('.pick').first().click()
    await page.locator('section').first().waitFor()
    await look('consent')
    await page.goto(authorizationUrl({ client_id: 'unknown' }))
    await look('error')
    expect(errors).toEqual([])
  })

  it('is readable at 320 pixels, even with long names', async () => {
    await openContext({ viewport: { width: 320, height: 600 } })
    const fits = async () => {
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
      expect(await findViolations(page)).toEqual([])
    }
    const long = {
      client_id: 'long-app',
      redirect_uri: `${client.origin}/${'a'.repeat(100)}`,
      scope: `${'s'.repeat(100)} file:read`,
    }
    await page.goto(authorizationUrl(long))
    await fits()
    await page.getByRole('button', { name: longName }).click()
    await page.getByRole('button', { name: 'Allow' }).waitFor()
    await fits()
    await page.goto(authorizationUrl({ ...long, prompt: 'login' }))
    await page.getByLabel('User id').fill('n'.repeat(100))
    await press('Sign in')
    await page.getByRole('alert').waitFor()
    await fits()
    await page.goto(authorizationUrl({ ...long, redirect_uri: `https://evil.test/${'e'.repeat(100)}` }))
    await fits()
    expect(errors).toEqual([])
  })
})
