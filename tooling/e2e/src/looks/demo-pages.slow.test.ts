import { type RunningWeb, startWeb } from 'demo/web'
import { type Browser, type BrowserContext, browserIsMissing, launchBrowser, type Page } from 'shared/browser'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { button, expectSignedIn } from '../showcase-steps.ts'
import { lookAtPage, looks } from './look-at-page.ts'

describe.skipIf(browserIsMissing)(`the demo ${browserIsMissing || ''}`, () => {
  let browser: Browser
  let web: RunningWeb
  let context: BrowserContext
  let page: Page

  beforeAll(async () => {
    ;[browser, web] = await Promise.all([launchBrowser(), startWeb({ port: 0 })])
  })

  afterEach(() => context.close())

  afterAll(async () => {
    await browser?.close()
    await web?.close()
  })

  it.each(looks)('looks right in $language and $colorScheme mode', async (look) => {
    const { language, locale, colorScheme } = look
    const name = (english: string, chinese: string) => (language === 'zh' ? chinese : english)
    context = await browser.newContext({ locale, colorScheme })
    page = await context.newPage()
    const alert = (text: string) => page.getByRole('alert').getByText(text).waitFor()
    const lose = (address: string) => page.route(address, (route) => route.abort('internetdisconnected'))
    const signInLink = page.getByRole('link', { name: name('Sign in', '登录'), exact: true })
    const callApi = button(page, name('Call the API', '调用 API'))
    const response = page.getByText('"user_id": "ann"')

    await page.goto(web.url)
    await signInLink.waitFor()
    await lookAtPage(page, 'demo-signed-out', look)
    await signInLink.click()
    await button(page, /Ann Lee/).click()
    await button(page, name('Deny', '拒绝')).click()
    await alert(name('did not allow', '没有允许'))
    await lookAtPage(page, 'demo-denied', look)
    await signInLink.click()
    await button(page, name('Allow', '允许')).click()
    await expectSignedIn(page)
    await callApi.click()
    await response.waitFor()
    await lookAtPage(page, 'demo-signed-in', look)

    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route('**/v2/user/get', async (route) => {
      await released
      await route.continue()
    })
    await callApi.click()
    await lookAtPage(page, 'demo-busy', look)
    release()
    await response.waitFor()
    await lose('**/v2/user/get')
    await callApi.click()
    await alert(name('cannot be reached', '无法连接'))
    await lookAtPage(page, 'demo-error', look)

    await lose('**/pds/token')
    await page.reload()
    await page.locator('h1').getByText(name('Your session could not be loaded', '无法加载您的会话')).waitFor()
    await lookAtPage(page, 'demo-failed', look)
    expect(await page.getByRole('alert').count()).toBeGreaterThan(0)
  })
})
