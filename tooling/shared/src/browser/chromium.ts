import type { CDPSession, Page as PlaywrightPage } from 'playwright-core'
import type { Page } from './browser.ts'

/* Functions that need Chromium's DevTools protocol. */

/** Limits the storage of a page's origin to a number of bytes, or removes that limit. */
export async function limitStorage(page: Page, bytes?: number): Promise<void> {
  const devtools = await connect(page)
  const { origin } = new URL(page.url())
  await devtools.send('Storage.overrideQuotaForOrigin', {
    origin,
    ...(bytes !== undefined && { quotaSize: bytes }),
  })
}

/** Clears the storage of a page's origin, as a user does in the settings. */
export async function clearStorage(page: Page): Promise<void> {
  const devtools = await connect(page)
  const { origin } = new URL(page.url())
  await devtools.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' })
}

/** Returns Playwright's page behind a page. */
export function toPlaywright(page: Page): PlaywrightPage {
  return page as unknown as PlaywrightPage
}

async function connect(page: Page): Promise<CDPSession> {
  const target = toPlaywright(page)
  return target.context().newCDPSession(target)
}
