import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Page } from './browser.ts'

const folder = path.resolve(import.meta.dirname, '../../../..', 'artefacts', 'screenshots')

/** Keeps a picture of the whole page under `artefacts/screenshots`, for people to look at: no test compares it. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true, animations: 'disabled' })
}
