import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { type Browser, type BrowserContext, browserIsMissing, launchBrowser, type Page } from 'shared/browser'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { lookAtPage, looks } from './look-at-page.ts'

describe.skipIf(browserIsMissing).each(looks)(
  `the emulator in $language and $colorScheme mode ${browserIsMissing || ''}`,
  (look) => {
    let browser: Browser
    let context: BrowserContext
    let page: Page
    let emulator: RunningEmulator

    beforeAll(async () => {
      browser = await launchBrowser()
    })

    beforeEach(async () => {
      emulator = await startEmulator({
        clock: () => Date.parse('2026-01-02T03:04:05Z'),
        users: [
          { user_id: 'ann', user_name: 'Ann Lee' },
          { user_id: 'bob', user_name: '王小明' },
          { user_id: 'sam', user_name: 'Sam Okafor', role: 'admin' },
        ],
      })
      const { locale, colorScheme } = look
      context = await browser.newContext({ locale, colorScheme, timezoneId: 'UTC' })
      page = await context.newPage()
    })

    afterEach(async () => {
      await context.close()
      await emulator.close()
    })

    afterAll(() => browser?.close())

    const post = (path: string, form: Record<string, string> = {}, headers: Record<string, string> = {}) =>
      fetch(`${emulator.api_endpoint}${path}`, { method: 'POST', headers, body: new URLSearchParams(form) })

    /** Sends an exchange, a call, a refresh, a refresh with a spent token, a throttled call, and a lost refresh. */
    async function sendRequests(): Promise<void> {
      const { client_id, redirect_uris } = emulator.app('native')
      const client = { client_id, redirect_uri: redirect_uris[0] ?? '' }
      const refresh = (refresh_token: string) =>
        post('/v2/oauth/token', { ...client, grant_type: 'refresh_token', refresh_token })
      const code = emulator.createCode({ client_id, user_id: 'ann' })
      const first = await (
        await post('/v2/oauth/token', { ...client, grant_type: 'authorization_code', code })
      ).json()
      await post('/v2/user/get', {}, { authorization: `Bearer ${first.access_token}` })
      const second = await (await refresh(first.refresh_token)).json()
      await refresh(first.refresh_token)
      emulator.injectFault({ type: 'throttle', retryAfter: 2 })
      await post('/v2/user/get', {}, { authorization: `Bearer ${second.access_token}` })
      emulator.injectFault({ type: 'drop', when: 'after' })
      await expect(refresh(second.refresh_token)).rejects.toThrow()
    }

    it('shows its requests and controls', async () => {
      await page.goto(emulator.api_endpoint)
      await page.locator('[data-is-live=true]').waitFor()
      await page.locator('#clock:not(:empty)').waitFor()
      await lookAtPage(page, 'emulator-empty', look)
      await sendRequests()
      await expect.poll(() => page.locator('#requests > li').count()).toBe(6)
      await page.locator('#requests summary').nth(4).click()
      await page.locator('#code-user').fill('ann')
      await page.locator('#create-code button').click()
      await page.locator('#code:not(:empty)').waitFor()
      emulator.injectFault({ type: 'delay', milliseconds: 5000 })
      await page.locator('#fault').fill('{"type": "flood"}')
      await page.locator('#inject-fault button').first().click()
      await page.getByRole('alert').waitFor()
      await lookAtPage(page, 'emulator-requests', look)
    })

    it('signs a user in', async () => {
      const { client_id, redirect_uris } = emulator.app('webserver')
      const signInUrl = (changes: Record<string, string> = {}) => {
        const [redirect_uri = ''] = redirect_uris
        const query = {
          client_id,
          redirect_uri,
          response_type: 'code',
          scope: 'file:read user:read',
          ...changes,
        }
        return `${emulator.api_endpoint}/v2/oauth/authorize?${new URLSearchParams(query)}`
      }
      await page.goto(signInUrl())
      await lookAtPage(page, 'emulator-sign-in', look)
      await page.locator('#user').fill('unknown')
      await page.locator('#user').press('Enter')
      await page.getByRole('alert').waitFor()
      await lookAtPage(page, 'emulator-unknown-user', look)
      const other = await context.newPage()
      await other.goto(signInUrl())
      await other.getByRole('button', { name: 'Ann Lee' }).click()
      await other.locator('section').first().waitFor()
      await lookAtPage(other, 'emulator-consent', look)
      await page.getByRole('button', { name: 'Sam Okafor' }).click()
      await page.locator('a.button').waitFor()
      await lookAtPage(page, 'emulator-stale-form', look)
      await page.goto(signInUrl({ redirect_uri: 'https://photos.example.com/callback' }))
      await lookAtPage(page, 'emulator-error', look)
    })
  },
)
