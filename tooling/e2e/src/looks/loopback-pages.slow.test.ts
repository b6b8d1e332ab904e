import { signInWithBrowser } from '@pds/auth-loopback'
import { createTransport } from '@pds/core'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { type Browser, type BrowserContext, browserIsMissing, launchBrowser, type Page } from 'shared/browser'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { lookAtPage, looks } from './look-at-page.ts'

describe.skipIf(browserIsMissing)(
  `the page after a sign-in with the system's browser ${browserIsMissing || ''}`,
  () => {
    let browser: Browser
    let context: BrowserContext
    let page: Page
    let emulator: RunningEmulator

    beforeAll(async () => {
      ;[browser, emulator] = await Promise.all([launchBrowser(), startEmulator()])
    })

    afterEach(() => context.close())

    afterAll(async () => {
      await browser?.close()
      await emulator?.close()
    })

    it.each(looks)('looks right in $language and $colorScheme mode', async (look) => {
      const { locale, colorScheme } = look
      context = await browser.newContext({ locale, colorScheme })
      page = await context.newPage()
      const transport = createTransport({ api_endpoint: emulator.api_endpoint, retryCount: 0 })
      const signIn = (openBrowser: (url: string) => Promise<void>) =>
        signInWithBrowser(
          transport,
          { client_id: emulator.app('native').client_id },
          { openBrowser, onAddress: () => undefined },
        )

      await signIn(async (url) => {
        const foreign = new URL(new URL(url).searchParams.get('redirect_uri') ?? '')
        foreign.search = '?code=code&state=forged'
        await page.goto(foreign.href)
        await lookAtPage(page, 'loopback-foreign', look)
        const approval = new URL(url)
        approval.searchParams.set('user_id', 'user-1')
        await page.goto(approval.href)
      })
      await lookAtPage(page, 'loopback-signed-in', look)

      const denied = signIn(async (url) => {
        await page.goto(url)
        await page.locator('[value=deny]').click()
      })
      await expect(denied).rejects.toMatchObject({ code: 'access_denied' })
      await page.getByText('access_denied', { exact: true }).waitFor()
      await lookAtPage(page, 'loopback-failed', look)
    })
  },
)
