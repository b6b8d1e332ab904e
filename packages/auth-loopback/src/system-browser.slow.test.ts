import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { attachToBrowser, browserCommand, browserIsMissing } from 'shared/browser'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type Domain, startDomain } from './started-sign-in.test-helper.ts'

/* Chromium is the browser of the system: xdg-open starts it, and the test clicks in it. */

let domain: Domain
let folder: string

beforeEach(async () => {
  domain = await startDomain()
  folder = mkdtempSync(path.join(tmpdir(), 'browser-'))
  const command = [...browserCommand, `--user-data-dir=${folder}/profile`, '--remote-debugging-port=0']
  const script = `#!/bin/sh\nexec ${command.map((argument) => `'${argument}'`).join(' ')} "$@"\n`
  writeFileSync(path.join(folder, 'browser'), script, { mode: 0o755 })
  vi.stubEnv('BROWSER', path.join(folder, 'browser'))
  vi.stubEnv('XDG_CURRENT_DESKTOP', '')
  vi.stubEnv('DISPLAY', '')
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await domain.close()
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
})

it.skipIf(browserIsMissing || process.platform !== 'linux')(
  'a user signs in with the browser of the system',
  async () => {
    const { url, token, redirectUri } = await domain.start({ openBrowser: undefined })
    const browser = await attachToBrowser(path.join(folder, 'profile'))
    const page = await browser.firstPage()
    await page.getByLabel('User id').waitFor()
    expect(page.url()).toBe(url.href)
    await page.getByLabel('User id').fill('ann')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Allow' }).click()
    expect(await token).toMatchObject({ user_name: 'Ann' })
    // The server has ended, and the browser still shows its page.
    await page.getByRole('heading', { name: 'You are signed in' }).waitFor()
    expect(page.url()).toBe(redirectUri.href)
    await browser.close()
  },
)
